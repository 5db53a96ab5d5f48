import { RE2JS } from 're2js';
import { spend } from './budget';
import { re2Syntax, UnsupportedPattern } from './re2-syntax';

/** Longest pattern, and the largest automaton compiled from one: `[a-z]{0,1000}` has about 2,000 instructions. */
const MAX_PATTERN_LENGTH = 2_000;
const MAX_PROGRAM = 4_096;
/** Characters times instructions that take about a step, and steps that compiling one instruction of a pattern takes. */
const MATCHED_PER_STEP = 8;
const STEPS_PER_INSTRUCTION = 200;
/** Steps after which all automata are compiled anew: each keeps every state that it was ever in. */
const STEPS_TO_FORGET = 250_000;

/** Patterns in use, and the steps that they have taken since the last time that all were forgotten. */
const inUse = new Set<LinearPattern>();
let stepsTaken = 0;

/** Foreign ECMA-262 pattern with the flag `u`, as JSON Schema defines it, matched in time linear in the text. */
export class LinearPattern {
  /** Instructions of the automaton: the cost of compiling it, and of matching each character. */
  readonly size: number;
  #automaton: RE2JS | undefined;

  /** @throws UnsupportedPattern for a pattern that cannot be matched so (lookahead, lookbehind, backreferences), or is invalid */
  constructor(private readonly source: string) {
    this.#automaton = compile(source);
    this.size = this.#automaton.programSize();
    if (this.size > MAX_PROGRAM) throw new UnsupportedPattern('it is too large');
  }

  /** @throws OverBudget */
  test(text: string): boolean {
    const steps = Math.ceil((text.length * this.size) / MATCHED_PER_STEP);
    spend(steps, 0);
    if (stepsTaken > STEPS_TO_FORGET) forgetAll();
    stepsTaken += steps;
    inUse.add(this);
    return this.#compiled().test(text);
  }

  /** Returns the source: Ajv treats two patterns with the same text as one. */
  toString(): string {
    return this.source;
  }

  forget(): void {
    this.#automaton = undefined;
  }

  #compiled(): RE2JS {
    if (this.#automaton) return this.#automaton;
    spend(this.size * STEPS_PER_INSTRUCTION, 0);
    return (this.#automaton = compile(this.source));
  }
}

function forgetAll(): void {
  for (const pattern of inUse) pattern.forget();
  inUse.clear();
  stepsTaken = 0;
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
