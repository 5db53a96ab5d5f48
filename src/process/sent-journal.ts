import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hostMark, hostsFolder } from './group-records';
import { identityOf, type ProcessIdentity } from './process-identity';

/** After so much more the journal is written anew, without the calls that are over. */
const MAX_BYTES = 4 * 1024 * 1024;
/** The end of a call may not have reached Temporal yet: so long it still counts as under way. */
const REPORTED_AFTER_MS = 60_000;

/**
 * The calls that this host process has sent, each written down before its first byte: when the process is killed, the one that
 * takes over knows which of its calls have certainly not run. What was written survives the process, not the machine.
 */
export interface SentJournal {
  /** Throws when it cannot be written down: then the call must not be sent. */
  add(callId: string, attempt: number): void;
  /** The call has ended. */
  remove(callId: string, attempt: number): void;
  /** It did not reach the server after all, although it had been handed over. */
  takeBack(callId: string, attempt: number): void;
  /** How many attempts of a call this process has sent, of late. */
  attempts(callId: string): number;
  /** Removes it: this host has ended in order. */
  close(): void;
}

/** Begins the journal of this process. Take over first: it replaces that of a predecessor. */
export function openSentJournal(
  home: string,
  hostId: string,
  { maxBytes = MAX_BYTES, reportedAfterMs = REPORTED_AFTER_MS } = {},
): SentJournal {
  const sent = new SentAttempts(reportedAfterMs);
  const head = headOf(identityOf(process.pid));
  const file = journalFile(home, hostId);
  let descriptor = -1;
  let bytes = 0;
  let limit = 0;
  /** The last line may have been written in part. */
  let isBroken = false;
  const append = (text: string) => {
    isBroken = true;
    const written = writeSync(descriptor, text);
    if (written < Buffer.byteLength(text)) throw new Error('the disk is full');
    isBroken = false;
    bytes += written;
  };
  const writeAnew = () => {
    const before = { descriptor, bytes };
    descriptor = openSync(`${file}.new`, 'w', 0o600);
    bytes = 0;
    try {
      append([head, ...sent.lines(), ''].join('\n'));
      renameSync(`${file}.new`, file);
    } catch (error) {
      closeSync(descriptor);
      ({ descriptor, bytes } = before);
      throw error;
    }
    limit = bytes + maxBytes;
    if (before.descriptor >= 0) closeSync(before.descriptor);
  };
  writeAnew();
  return {
    add(callId, attempt) {
      sent.add(callId, attempt);
      try {
        // Synchronous: it must be there before the call goes out.
        if (bytes > limit) writeAnew();
        else append(`${isBroken ? '\n' : ''}${lineOf(callId, attempt)}\n`);
      } catch (error) {
        sent.delete(callId, attempt);
        throw error;
      }
    },
    remove: (callId, attempt) => sent.end(callId, attempt),
    takeBack: (callId, attempt) => sent.delete(callId, attempt),
    attempts: (callId) => sent.count(callId),
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
}

/** What a process has sent, and when that was over. */
class SentAttempts {
  /** For each attempt of each call when it has ended, by `performance.now()`; Infinity while it is under way. */
  readonly #calls = new Map<string, Map<number, number>>();

  constructor(private readonly keptForMs: number) {}

  add(callId: string, attempt: number): void {
    const attempts = this.#calls.get(callId) ?? new Map<number, number>();
    this.#calls.set(callId, attempts.set(attempt, Number.POSITIVE_INFINITY));
  }

  end(callId: string, attempt: number): void {
    const attempts = this.#calls.get(callId);
    if (attempts?.has(attempt)) attempts.set(attempt, performance.now());
  }

  delete(callId: string, attempt: number): void {
    const attempts = this.#calls.get(callId);
    attempts?.delete(attempt);
    if (attempts?.size === 0) this.#calls.delete(callId);
  }

  count(callId: string): number {
    return this.#calls.get(callId)?.size ?? 0;
  }

  /** Those that are under way, or may still be reported; the others are forgotten. */
  lines(): string[] {
    const over = performance.now() - this.keptForMs;
    const lines: string[] = [];
    for (const [callId, attempts] of [...this.#calls]) {
      for (const [attempt, endedAt] of [...attempts]) {
        if (endedAt <= over) this.delete(callId, attempt);
        else lines.push(lineOf(callId, attempt));
      }
    }
    return lines;
  }
}

/**
 * Tells of an attempt of a call whether a host process that is dead now may have sent it. When its journal cannot tell, as after
 * the machine went down, it may have sent all.
 */
export function sentBy(
  home: string,
  hostId: string,
  host: ProcessIdentity,
): (callId: string, attempt: number) => boolean {
  const [head, ...lines] = linesOf(journalFile(home, hostId));
  if (head === undefined || bootId() === '' || head !== headOf(host)) return () => true;
  const sent = new Set(lines);
  return (callId, attempt) => sent.has(lineOf(callId, attempt));
}

const journalFile = (home: string, hostId: string) => join(hostsFolder(home), `${hostId}.sent`);

const lineOf = (callId: string, attempt: number) => `${callId} ${attempt}`;

const headOf = (host: ProcessIdentity) => `${bootId()} ${hostMark(host)}`;

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return []; // the host of an older version, or of another machine
  }
}

/** Of this run of the machine; empty where there is no /proc, and then nothing can be told. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
