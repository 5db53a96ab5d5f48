import { type ChildProcess, fork } from 'node:child_process';
import { type Readable } from 'node:stream';
import { type ServerSpec } from '../../src/domain/spec';
import { createMask } from '../../src/process/mask';

/** Time beyond that of the rehearsal after which a silent process hangs, in ms. */
const ANSWER_GRACE_MS = 30_000;
/** Characters of the last output of the process that are kept. */
const MAX_LAST_WORDS_LENGTH = 1_000;
/** Characters that are read, so that no secret in the last output is cut. */
const READ_LENGTH = 16 * MAX_LAST_WORDS_LENGTH;

/** Start that can harm nothing but a process of its own. */
export interface Rehearsal {
  home: string;
  hostId: string;
  /** Spec with resolved references. */
  spec: ServerSpec;
  /** Texts to hide in the log. */
  secrets: string[];
  logFile: string;
  /** Time that the server runs after the handshake, in ms. */
  forMs: number;
}

/**
 * Starts a server in a process of its own, as a host would, and ends it again.
 *
 * @returns how that process died, with its last output; undefined when it did not
 * @throws what `signal` was aborted with
 */
export async function rehearse(
  rehearsal: Rehearsal,
  signal: AbortSignal,
): Promise<string | undefined> {
  signal.throwIfAborted();
  const beganAt = performance.now();
  const child = fork(require.resolve('./rehearsal-process'), {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const lastWords = lastWordsOf(child.stderr);
  const kill = () => child.kill('SIGKILL'); // its guard ends what it has started
  signal.addEventListener('abort', kill, { once: true });
  const { startMs } = rehearsal.spec.timeouts;
  const timer = setTimeout(kill, startMs + rehearsal.forMs + ANSWER_GRACE_MS);
  try {
    const how = await endOf(child, rehearsal);
    signal.throwIfAborted();
    if (how === SURVIVED) return undefined;
    const seconds = ((performance.now() - beganAt) / 1_000).toFixed(1);
    const words = createMask(rehearsal.secrets)(lastWords()).trim().slice(-MAX_LAST_WORDS_LENGTH);
    return `${how} after ${seconds} s${words && `: ${words}`}`;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', kill);
    if (child.connected) child.disconnect();
  }
}

/** Messages of the process of a rehearsal: before it starts the server, and when it has survived that. */
export const BEGUN = 'begun';
export const SURVIVED = 'survived';

/**
 * Resolves with how it died; a process that died before it could begin, as on a machine without memory, says nothing
 * about the server.
 */
function endOf(child: ChildProcess, rehearsal: Rehearsal): Promise<string> {
  let hasBegun = false;
  return new Promise((resolve) => {
    child.on('message', (said) => (said === BEGUN ? (hasBegun = true) : resolve(SURVIVED)));
    child.once('error', () => resolve(SURVIVED));
    child.once('close', (code, by) => {
      resolve(hasBegun ? (by ? `killed by ${by}` : `exit code ${code}`) : SURVIVED);
    });
    child.send(rehearsal, () => undefined); // when it is gone already, 'close' follows
  });
}

/** Follows an output and keeps only its end. */
function lastWordsOf(output: Readable | null): () => string {
  let words = '';
  output?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-READ_LENGTH);
  });
  return () => words;
}
