import { RE2JS } from 're2js';
import { spend } from './budget';
import { re2Syntax, UnsupportedPattern } from './re2-syntax';

/** Longest pattern, and the largest automaton that is made of one: `[a-z]{0,1000}` has about 2,000 instructions. */
const MAX_PATTERN_LENGTH = 2_000;
const MAX_PROGRAM = 4_096;
/** Characters times instructions that count as one step. */
const PER_STEP = 8;
/** Steps after which what automata have learnt is forgotten, since they keep every state that they were ever in. */
const STEPS_TO_FORGET = 250_000;

export { UnsupportedPattern };

/** A regular expression of somebody else: what Ajv needs of one. */
export interface Matcher {
  test(text: string): boolean;
  /** Ajv takes two that give the same text for the same. */
  toString(): string;
}

const learnt = new Set<RE2JS>();
let learntSteps = 0;

/**
 * A matcher for an ECMA-262 pattern with the flag `u`, as JSON Schema has it, in time linear in the text.
 *
 * @throws UnsupportedPattern for what cannot be matched so (lookahead, lookbehind, backreferences), or is no such pattern
 */
export function linearPattern(source: string): Matcher {
  const automaton = compile(source);
  const size = automaton.programSize();
  if (size > MAX_PROGRAM) throw new UnsupportedPattern('it is too large');
  return {
    test(text) {
      const steps = Math.ceil((text.length * size) / PER_STEP);
      spend(steps, 0);
      remember(automaton, steps);
      return automaton.test(text);
    },
    toString: () => source,
  };
}

function compile(source: string): RE2JS {
  if (source.length > MAX_PATTERN_LENGTH) {
    throw new UnsupportedPattern(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  }
  try {
    new RegExp(source, 'u'); // only read, never run
  } catch {
    throw new UnsupportedPattern('it is not a regular expression', 'invalid');
  }
  try {
    return RE2JS.compile(re2Syntax(source));
  } catch (error) {
    if (error instanceof UnsupportedPattern) throw error;
    throw new UnsupportedPattern('it cannot be matched in linear time');
  }
}

function remember(automaton: RE2JS, steps: number): void {
  learnt.add(automaton);
  learntSteps += steps;
  if (learntSteps < STEPS_TO_FORGET) return;
  for (const one of learnt) one.reset();
  learnt.clear();
  learntSteps = 0;
}
