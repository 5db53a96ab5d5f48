import { setMaxListeners } from 'node:events';
import { type ServerSpec } from '../domain/spec';
import { type ValidationCheck, type ValidationReport } from '../domain/servers/validation';
import { type Check } from './check';
import { credential } from './checks/credential';
import { safeCalls } from './checks/declared-calls';
import { junk } from './checks/junk';
import { lists } from './checks/lists';
import { load, memory } from './checks/load';
import { badCall, unknownMethod, unknownTool } from './checks/refusals';
import { restart } from './checks/restart';
import { shutdown } from './checks/shutdown';
import { handshake, start, stdout } from './checks/start';
import { failed, type Finding, reasonOf, skipped } from './finding';
import { CHECK_LIMIT_MS, MAX_DETAIL_LENGTH, VALIDATION_LIMIT_MS } from './limits';
import { type StartServer, Trial } from './trial';

/** Checks of every server, in this order: each needs the results of the ones before. */
const CHECKS: readonly Check[] = [
  ...[start, handshake],
  ...lists,
  ...[safeCalls, unknownMethod, unknownTool, badCall, load, memory, junk, stdout],
  ...[shutdown, restart, credential],
];

/** Checks whether the server starts, and its lists. */
const QUICK_CHECKS: readonly Check[] = [start, handshake, ...lists];

export interface ValidationTarget {
  /** Spec with its references, not their values: `start` resolves them. */
  spec: ServerSpec;
  start: StartServer;
}

export interface ValidationOptions {
  /** Ends the validation at once; its reason is thrown. */
  signal: AbortSignal;
  /** Runs only the checks of the start and the lists. */
  quick?: boolean | undefined;
  /** Called with the name of each check that begins. */
  onCheck?: (name: string) => void;
  /** Masks the secrets of the server in everything that is reported. */
  mask?: (text: string) => string;
}

/**
 * Validates a server in separate instances. Whatever the server does, this ends with a report
 * within VALIDATION_LIMIT_MS and leaves nothing running. It makes only calls that the spec declares
 * as safe.
 */
export async function validateServer(
  { spec, start: startServer }: ValidationTarget,
  { signal, quick = false, onCheck, mask = (text) => text }: ValidationOptions,
): Promise<ValidationReport> {
  const trial = new Trial(spec, startServer);
  const startedAtMs = Date.now();
  const startedAt = performance.now();
  const endsAt = startedAt + VALIDATION_LIMIT_MS;
  const checks: ValidationCheck[] = [];
  try {
    for (const check of quick ? QUICK_CHECKS : CHECKS) {
      onCheck?.(check.name);
      const beganAt = performance.now();
      const left = endsAt - beganAt;
      const { status, detail } = didStart(checks)
        ? await perform(check, trial, { signal, limitMs: Math.min(left, limitOf(check, spec)) })
        : skipped('the server did not start');
      const text = mask(detail).slice(0, MAX_DETAIL_LENGTH);
      checks.push({
        name: check.name,
        status,
        detail: text,
        ms: Math.round(performance.now() - beganAt),
      });
    }
  } finally {
    await trial.kill();
  }
  return {
    server: spec.name,
    passed: checks.every(({ status }) => status !== 'failed'),
    startedAtMs,
    durationMs: Math.round(performance.now() - startedAt),
    ...trial.measurements,
    checks,
  };
}

function didStart([first]: readonly ValidationCheck[]): boolean {
  return first?.status !== 'failed';
}

/** Any check may have to start the server again. */
function limitOf({ extraMs }: Check, spec: ServerSpec): number {
  return CHECK_LIMIT_MS + spec.timeouts.startMs + (extraMs?.(spec) ?? 0);
}

async function perform(
  check: Check,
  trial: Trial,
  { signal, limitMs }: { signal: AbortSignal; limitMs: number },
): Promise<Finding> {
  signal.throwIfAborted();
  if (limitMs <= 0) return skipped('no time left');
  const timeout = AbortSignal.timeout(Math.ceil(limitMs));
  const ending = AbortSignal.any([signal, timeout]);
  setMaxListeners(0, ending); // each of many concurrent requests adds a listener
  const ended = new Promise<never>((_resolve, reject) => {
    ending.addEventListener('abort', () => reject(endReason(limitMs)), { once: true });
  });
  try {
    return await Promise.race([check.run(trial, ending), ended]);
  } catch (error) {
    signal.throwIfAborted();
    // A server that did not answer in time may not be usable for the next check.
    if (timeout.aborted) await trial.kill();
    return failed(reasonOf(timeout.aborted ? endReason(limitMs) : error));
  }
}

function endReason(limitMs: number): Error {
  return new Error(`timed out after ${Math.round(limitMs / 1_000)} s`);
}
