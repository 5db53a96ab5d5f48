import MiniSearch from 'minisearch';
import { synonymsOf } from './synonyms';
import { type Template } from './template-schema';
import { type Word, wordsOf } from './words';

export interface Suggestion {
  name: string;
  title: string;
  description: string;
  /** Only good for comparing suggestions of one sentence. */
  score: number;
  because: Match[];
  deprecated?: Template['deprecated'];
}

interface Match {
  /** What was said. */
  word: string;
  /** What it means in the template; equal to `word` unless they are synonyms or forms of one word. */
  matched: string;
  field: Field;
}

export interface Suggestions {
  /** Best first. */
  suggestions: Suggestion[];
  /** Parts of the sentence that none of the templates knows anything about. */
  unmatched: string[];
}

type Field = 'name' | 'keywords' | 'tags' | 'title' | 'description';

type Described = Pick<Template, Field> & Partial<Pick<Template, 'deprecated'>>;

const FIELD_WEIGHTS: Record<Field, number> = {
  name: 4,
  keywords: 3,
  title: 2,
  tags: 2,
  description: 1,
};
/** The first one that says a word is given as the reason. */
const FIELDS = ['name', 'keywords', 'tags', 'title', 'description'] as const satisfies Field[];
/** Two words that stand together say more than each of them. */
const PHRASE_WEIGHT = 2;
const SYNONYM_WEIGHT = 0.4;
const DEPRECATED_FACTOR = 0.5;
/** What another suggestion is for already. */
const COVERED_FACTOR = 0.5;
/** How soon repetition stops to count, and how much a long text is held against a template. */
const BM25 = { k: 1.2, b: 0.3, d: 0.5 };
/** What scores less than this part of the best one is noise. */
const RELEVANT_PART = 0.25;

/** The templates that fit what somebody wants to do, ranked, with the reason. Pure: no network, no model. */
export function suggest(
  templates: readonly Described[],
  intent: string,
  { limit = 5 }: { limit?: number } = {},
): Suggestions {
  const words = wordsOf(intent);
  const index = indexOf(templates);
  const found = new Map<Described, Found[]>(templates.map((template) => [template, []]));
  const known = new Set<number>();
  for (const term of termsOfIntent(words)) {
    for (const { id, score, match } of index.search(term.key)) {
      const template = templates[Number(id)];
      const field = FIELDS.find((one) => match[term.key]?.includes(one));
      if (!template || !field) continue;
      found.get(template)?.push({ term, field, score: score * term.weight });
      for (const position of term.positions) known.add(position);
    }
  }
  const candidates = [...found].map(([template, all]) => ({
    template,
    best: bestPerPosition(all),
  }));
  const chosen = chooseCovering(candidates, limit);
  return { suggestions: chosen.map(describe), unmatched: unmatchedParts(words, known) };
}

interface Candidate {
  template: Described;
  best: Found[];
}

interface Term {
  key: string;
  weight: number;
  said: string;
  /** Which words of the sentence it covers. */
  positions: number[];
}

interface Found {
  term: Term;
  field: Field;
  score: number;
}

/** Every word, every pair of neighbours, and what they may stand for. */
function termsOfIntent(words: readonly Word[]): Term[] {
  const content = words.flatMap(({ text, stem }, position) =>
    stem === undefined ? [] : [{ text, stem, position }],
  );
  return content.flatMap(({ text, stem, position }, index) => {
    const single = { said: text, positions: [position] };
    const terms: Term[] = [{ key: stem, weight: 1, ...single }];
    for (const key of synonymsOf(stem)) terms.push({ key, weight: SYNONYM_WEIGHT, ...single });
    const next = content[index + 1];
    if (next) {
      const said = `${text} ${next.text}`;
      const positions = [position, next.position];
      terms.push({ key: `${stem} ${next.stem}`, weight: PHRASE_WEIGHT, said, positions });
    }
    return terms;
  });
}

/** Every word and every pair of neighbours in the templates, by its stem. */
function indexOf(templates: readonly Described[]): MiniSearch {
  const index = new MiniSearch({
    fields: [...FIELDS],
    tokenize: (text) => text.split('\n').flatMap((phrase) => termsOfPhrase(phrase).map(keyOf)),
    processTerm: (term) => term,
    searchOptions: { tokenize: (term) => [term], boost: FIELD_WEIGHTS, bm25: BM25 },
  });
  const documents = templates.map((template, id) => ({
    id,
    ...Object.fromEntries(FIELDS.map((field) => [field, phrasesOf(template, field).join('\n')])),
  }));
  index.addAll(documents);
  return index;
}

function phrasesOf(template: Described, field: Field): string[] {
  return [template[field]].flat();
}

const keyOf = ({ key }: { key: string }) => key;

function termsOfPhrase(phrase: string): { key: string; text: string }[] {
  const words = wordsOf(phrase).flatMap(({ text, stem }) =>
    stem === undefined ? [] : [{ key: stem, text }],
  );
  const pairs = words.flatMap(({ key, text }, index) => {
    const next = words[index + 1];
    return next ? [{ key: `${key} ${next.key}`, text: `${text} ${next.text}` }] : [];
  });
  return [...words, ...pairs];
}

/** Each word of the sentence counts once, for its best meaning; a pair counts in place of its words. */
function bestPerPosition(found: readonly Found[]): Found[] {
  const taken = new Set<number>();
  const best: Found[] = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    if (one.term.positions.some((position) => taken.has(position))) continue;
    for (const position of one.term.positions) taken.add(position);
    best.push(one);
  }
  return best;
}

/**
 * The best first, and then what is best for the rest of the sentence: what was said twice of one thing asked for counts
 * less than something for the other thing.
 */
function chooseCovering(candidates: readonly Candidate[], limit: number): Candidate[] {
  const top = Math.max(0, ...candidates.map((candidate) => scoreOf(candidate)));
  const left = candidates.filter((candidate) => {
    const score = scoreOf(candidate);
    return score > 0 && score >= top * RELEVANT_PART;
  });
  const covered = new Set<number>();
  const chosen: Candidate[] = [];
  while (left.length > 0 && chosen.length < limit) {
    left.sort((a, b) => scoreOf(b, covered) - scoreOf(a, covered));
    const [next] = left.splice(0, 1);
    if (!next) break;
    chosen.push(next);
    for (const position of next.best.flatMap(({ term }) => term.positions)) covered.add(position);
  }
  return chosen;
}

function scoreOf({ template, best }: Candidate, covered?: ReadonlySet<number>): number {
  const parts = best.map(({ term, score }) => {
    const isCovered = term.positions.every((position) => covered?.has(position));
    return isCovered ? score * COVERED_FACTOR : score;
  });
  return sum(parts) * (template.deprecated ? DEPRECATED_FACTOR : 1);
}

function describe(candidate: Candidate): Suggestion {
  const { template, best } = candidate;
  const { name, title, description, deprecated } = template;
  const because = best.map(({ term, field }) => ({
    word: term.said,
    matched: writtenIn(template, field, term.key),
    field,
  }));
  const score = Math.round(scoreOf(candidate) * 100) / 100;
  return { name, title, description, score, because, ...(deprecated && { deprecated }) };
}

/** A word as the template writes it. */
function writtenIn(template: Described, field: Field, key: string): string {
  const terms = phrasesOf(template, field).flatMap(termsOfPhrase);
  return terms.find((term) => term.key === key)?.text ?? key;
}

/** Neighbouring words that nothing matched, as they were said. */
function unmatchedParts(words: readonly Word[], known: ReadonlySet<number>): string[] {
  const parts: string[][] = [];
  let isOpen = false;
  for (const [position, { text, stem }] of words.entries()) {
    if (stem === undefined) continue; // "and", "the" say nothing, and break nothing
    if (known.has(position)) isOpen = false;
    else if (isOpen) parts.at(-1)?.push(text);
    else {
      parts.push([text]);
      isOpen = true;
    }
  }
  return parts.map((part) => part.join(' '));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
