import { contentOf, isUnsigned } from './unsigned-values';

/** Update that every workflow of ours answers without changing anything; it has no input. */
const READ_UPDATE = 'read';
/**
 * Greatest age of an update when it is decided on: a captured one is useless later. The clocks of machines may differ
 * by as much.
 */
export const ORDER_VALID_MS = 10 * 60_000;

/**
 * Input of an update as our clients send it. A signature is bound to a workflow; the order binds it to one of its
 * updates, and to a time.
 */
export interface Order {
  update: string;
  atMs: number;
  input: unknown;
}

export function orderFor(update: string, input: unknown, atMs: number): Order {
  return { update, atMs, input };
}

function isOrder(value: unknown): value is Order {
  return isObject(value) && 'update' in value && 'atMs' in value && 'input' in value;
}

/** Returns the input that the handler of an update gets, also from histories that are older than orders. */
export function inputOf(value: unknown): unknown {
  const content = contentOf(value);
  return isOrder(content) ? content.input : content;
}

/** Returns why the arguments of an update are refused; undefined when they are not. */
export function refusalOfUpdate(
  name: string,
  args: readonly unknown[],
  nowMs: number,
): string | undefined {
  if (name === READ_UPDATE) return undefined;
  if (args.length === 0 || args.some(isUnsigned)) return `${quoted(name)} ${NOT_SIGNED}`;
  for (const order of args) {
    if (!isOrder(order) || order.update !== name)
      return `the request was not signed for ${quoted(name)}`;
    const ageMs = nowMs - order.atMs;
    if (Number.isFinite(ageMs) && Math.abs(ageMs) <= ORDER_VALID_MS) continue;
    const seconds = Math.round(ageMs / 1_000);
    return `${quoted(name)} was signed ${seconds} s ago according to the clock of the control worker`;
  }
  return undefined;
}

/** Signals that carry nothing which could be signed: anyone who can reach Temporal may send them. */
const WITHOUT_INPUT: ReadonlySet<string> = new Set(['start', 'stop', 'restart', 'reload', 'end']);

/** Returns why the arguments of a signal are refused; undefined when they are not. */
export function refusalOfSignal(name: string, args: readonly unknown[]): string | undefined {
  if (WITHOUT_INPUT.has(name)) return undefined;
  const isSigned = args.length > 0 && !args.some(isUnsigned);
  return isSigned ? undefined : `${quoted(name)} ${NOT_SIGNED}`;
}

/** Completes a sentence about a message. */
export const NOT_SIGNED = 'was not signed with the key of this data directory';

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function quoted(name: string): string {
  return `"${name}"`;
}
