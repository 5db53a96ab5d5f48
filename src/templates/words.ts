/** A word of a text as written, and the stem it is compared by. */
export interface Word {
  text: string;
  /** Undefined for stop words. */
  stem: string | undefined;
}

const STOP_WORDS = new Set(
  (
    'a about after again all also am an and any are as at be been before being but by can could do does doing down each ' +
    'every few for from further get gets getting give had has have having he help her here hers him his how i if in into ' +
    'is it its just let like make me more most my need needs no not of off on once only or other our out over own please ' +
    'same she should so some something such than that the their them then there these they thing this those through to ' +
    'too under until up use using very via want wants was we were what when where which while who why will with would ' +
    'you your able agent ai assistant mcp server servers tool tools'
  ).split(' '),
);

/** The words of a text, in order. */
export function wordsOf(text: string): Word[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+(?:['’][\p{L}]+)?/gu) ?? [];
  return words.map((word) => {
    const bare = word.replace(/['’]\p{L}+$/u, '');
    return { text: word, stem: STOP_WORDS.has(bare) ? undefined : stem(bare) };
  });
}

/** Removes the English endings that matter here, so that "queries" and "query" are the same word. */
export function stem(word: string): string {
  if (word.length <= 3) return word;
  const singular = word
    .replace(/ies$/, 'y')
    .replace(/(ss|sh|ch|x)es$/, '$1')
    .replace(/([^su])s$/, '$1');
  const root = singular.replace(/(?:ing|ed|er)$/, '');
  if (root === singular || root.length < 3 || !/[aeiouy]/.test(root)) return withoutE(singular);
  // "running" is "run", but "calling" is "call"
  return withoutE(root.replace(/([bdgmnprt])\1$/, '$1'));
}

function withoutE(word: string): string {
  return word.length > 4 ? word.replace(/e$/, '') : word;
}
