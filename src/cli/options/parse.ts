import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../../base/duration';
import { MainspringError } from '../../base/errors';

/** Parsers of option values; commander names the option in the error. */
export function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Expected a whole number.');
}

export function atLeastOne(text: string): number {
  const number = wholeNumber(text);
  if (number >= 1) return number;
  throw new InvalidArgumentError('Expected at least 1.');
}

export function wholeBetween(first: number, last: number): (text: string) => number {
  return (text) => {
    const number = wholeNumber(text);
    if (number >= first && number <= last) return number;
    throw new InvalidArgumentError(`Expected a number from ${first} to ${last}.`);
  };
}

export function durationMs(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    const why = error instanceof MainspringError ? error.message : 'expected a duration';
    throw new InvalidArgumentError(why);
  }
}

/** An option that may be repeated. */
export function collect(text: string, texts: string[]): string[] {
  return [...texts, text];
}

/** `--state ERROR,BACKOFF --state stopped`: some of the choices, in any case. */
export function collectChoices<Choice extends string>(choices: readonly Choice[]) {
  return (text: string, chosen: Choice[]): Choice[] => [
    ...chosen,
    ...text.split(',').map((word) => {
      const found = choices.find((choice) => choice.toLowerCase() === word.trim().toLowerCase());
      if (found !== undefined) return found;
      throw new InvalidArgumentError(`Allowed choices are ${choices.join(', ')}.`);
    }),
  ];
}

/** `--env A=1 --env B=2` */
export function collectPairs(text: string, pairs: Record<string, string>): Record<string, string> {
  const at = text.indexOf('=');
  if (at <= 0) throw new InvalidArgumentError('Expected NAME=value.');
  return { ...pairs, [text.slice(0, at)]: text.slice(at + 1) };
}
