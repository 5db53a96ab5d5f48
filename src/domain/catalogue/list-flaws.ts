/** Flaw in a list of a server: something that clients do not get as the server listed it. */
export interface ListFlaw {
  /** Name or URI of the item; absent when it concerns an item without one, or the whole list. */
  item?: string;
  /** Description of the flaw and of how it was handled: a whole phrase. */
  text: string;
}

/** Maximum of flaws kept per list: a server may list thousands of items that are all odd in the same way. */
const MAX_FLAWS = 50;
const MAX_NAMED = 5;
const MAX_TEXT_LENGTH = 300;

/** Collects the flaws of a list while it is read. It keeps only so many; the last one says how many more there are. */
export class KeptFlaws {
  readonly #kept: ListFlaw[] = [];
  #others = 0;

  get all(): ListFlaw[] {
    return this.#others > 0
      ? [...this.#kept, { text: `and ${this.#others} more like these` }]
      : [...this.#kept];
  }

  add(flaw: ListFlaw): void {
    if (this.#kept.length < MAX_FLAWS) this.#kept.push({ ...flaw, text: cut(flaw.text) });
    else this.#others += 1;
  }

  /** Adds the flaws of a part of the list. */
  join(part: KeptFlaws): void {
    part.#kept.forEach((flaw) => this.add(flaw));
    this.#others += part.#others;
  }
}

/** Describes the flaws that a list has now, for an event. */
export function flawsText(flaws: readonly ListFlaw[]): string {
  if (flaws.length === 0) return 'lists are passed on unchanged again';
  const named = flaws.slice(0, MAX_NAMED).map(({ text }) => text);
  const others = flaws.length - named.length;
  const more = others > 0 ? `; and ${others} more` : '';
  return `lists were corrected before they were passed on: ${named.join('; ')}${more}`;
}

function cut(text: string): string {
  return text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`;
}
