import { synonymsOf } from './synonyms';
import { type Template } from './template-schema';
import { type Word, wordsOf } from './words';

export interface Suggestion {
  name: string;
  title: string;
  description: string;
  /** Comparable only among suggestions for the same sentence. */
  score: number;
  because: Match[];
  deprecated?: Template['deprecated'];
}

export interface Match {
  /** Word of the sentence. */
  word: string;
  /** Matched word of the template; differs from `word` for synonyms and forms of one word. */
  matched: string;
  field: Field;
}

export interface Suggestions {
  /** Best first. */
  suggestions: Suggestion[];
  /** Parts of the sentence that match no template. */
  unmatched: string[];
}

export type Field = 'name' | 'keywords' | 'tags' | 'title' | 'description';

type SearchableTemplate = Pick<Template, Field> & Partial<Pick<Template, 'deprecated'>>;

const FIELD_WEIGHTS: Record<Field, number> = {
  name: 4,
  keywords: 3,
  title: 2,
  tags: 2,
  description: 1,
};
/** Two adjacent words are more specific than each of them. */
const PHRASE_WEIGHT = 2;
const SYNONYM_WEIGHT = 0.4;
const DEPRECATED_FACTOR = 0.5;
/** Factor for words that a higher suggestion already covers. */
const COVERED_FACTOR = 0.5;
/** Parameters of BM25: how soon repetition stops to count, and how much a long description counts against a template. */
const K1 = 1.2;
const B = 0.3;
/** Part of the best score below which a suggestion is noise. */
const RELEVANT_PART = 0.25;

/** Ranks the templates that fit what a user wants to do, with the reason. Pure: no network, no model. */
export function suggest(
  templates: readonly SearchableTemplate[],
  intent: string,
  { limit = 5 }: { limit?: number } = {},
): Suggestions {
  const words = wordsOf(intent);
  const terms = termsOfIntent(words);
  const documents = templates.map(indexOf);
  const averageLength = mean(documents.map(({ length }) => length));
  const matchedPositions = new Set<number>();
  const candidates = documents.map((document, index) => {
    const found = terms.flatMap((term) => {
      const hit = document.terms.get(term.key);
      if (!hit) return [];
      const rarity = idf(documents, term.key);
      const score = term.weight * rarity * saturated(hit.weight, document.length / averageLength);
      for (const position of term.positions) matchedPositions.add(position);
      return [{ term, hit, score }];
    });
    return { template: templates[index], best: bestPerPosition(found) };
  });
  const chosen = chooseCovering(candidates, limit);
  return {
    suggestions: chosen.flatMap(describe),
    unmatched: unmatchedParts(words, matchedPositions),
  };
}

interface Candidate {
  template: SearchableTemplate | undefined;
  best: ScoredMatch[];
}

interface Term {
  key: string;
  weight: number;
  text: string;
  /** Positions of the words of the sentence that it covers. */
  positions: number[];
}

interface IndexedTerm {
  text: string;
  field: Field;
  weight: number;
}

interface ScoredMatch {
  term: Term;
  hit: IndexedTerm;
  score: number;
}

/** Returns every word, every pair of neighbours, and their synonyms. */
function termsOfIntent(words: readonly Word[]): Term[] {
  const content = words.flatMap(({ text, stem }, position) =>
    stem === undefined ? [] : [{ text, stem, position }],
  );
  return content.flatMap(({ text, stem, position }, index) => {
    const single = { text, positions: [position] };
    const terms: Term[] = [{ key: stem, weight: 1, ...single }];
    for (const key of synonymsOf(stem)) terms.push({ key, weight: SYNONYM_WEIGHT, ...single });
    const next = content[index + 1];
    if (next) {
      const phrase = `${text} ${next.text}`;
      const positions = [position, next.position];
      terms.push({ key: `${stem} ${next.stem}`, weight: PHRASE_WEIGHT, text: phrase, positions });
    }
    return terms;
  });
}

function indexOf(template: SearchableTemplate): {
  terms: Map<string, IndexedTerm>;
  length: number;
} {
  const { name, title, description, keywords, tags } = template;
  const texts: [Field, string[]][] = [
    ['name', [name]],
    ['keywords', keywords],
    ['tags', tags],
    ['title', [title]],
    ['description', [description]],
  ];
  const terms = new Map<string, IndexedTerm>();
  let length = 0;
  for (const [field, phrases] of texts) {
    for (const { key, text } of phrases.flatMap(termsOfPhrase)) {
      const before = terms.get(key);
      const weight = (before?.weight ?? 0) + FIELD_WEIGHTS[field];
      terms.set(key, { text: before?.text ?? text, field: before?.field ?? field, weight });
      length += 1;
    }
  }
  return { terms, length };
}

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

/** Each word of the sentence counts once, for its best match; a pair counts in place of its words. */
function bestPerPosition(found: readonly ScoredMatch[]): ScoredMatch[] {
  const taken = new Set<number>();
  const best: ScoredMatch[] = [];
  for (const one of [...found].sort((a, b) => b.score - a.score)) {
    if (one.term.positions.some((position) => taken.has(position))) continue;
    for (const position of one.term.positions) taken.add(position);
    best.push(one);
  }
  return best;
}

/**
 * Chooses the best suggestion first, and then the best for the rest of the sentence. Words that are already covered
 * count less, so that a sentence about two things gets suggestions for both.
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
  return sum(parts) * (template?.deprecated ? DEPRECATED_FACTOR : 1);
}

function describe(candidate: Candidate): Suggestion[] {
  if (!candidate.template) return [];
  const { name, title, description, deprecated } = candidate.template;
  const because = candidate.best.map(({ term, hit }) => ({
    word: term.text,
    matched: hit.text,
    field: hit.field,
  }));
  const score = Math.round(scoreOf(candidate) * 100) / 100;
  return [{ name, title, description, score, because, ...(deprecated && { deprecated }) }];
}

function idf(documents: readonly { terms: Map<string, IndexedTerm> }[], key: string): number {
  const containing = documents.filter(({ terms }) => terms.has(key)).length;
  return Math.log(1 + (documents.length - containing + 0.5) / (containing + 0.5));
}

function saturated(weight: number, relativeLength: number): number {
  return (weight * (K1 + 1)) / (weight + K1 * (1 - B + B * relativeLength));
}

/** Returns adjacent words without a match, as in the sentence. */
function unmatchedParts(words: readonly Word[], matchedPositions: ReadonlySet<number>): string[] {
  const parts: string[][] = [];
  let isOpen = false;
  for (const [position, { text, stem }] of words.entries()) {
    if (stem === undefined) continue; // "and", "the" have no meaning of their own and end no part
    if (matchedPositions.has(position)) isOpen = false;
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

function mean(numbers: readonly number[]): number {
  return numbers.length > 0 ? sum(numbers) / numbers.length : 1;
}
