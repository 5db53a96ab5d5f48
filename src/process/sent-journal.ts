import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hostMark, hostsFolder } from './group-records';
import { identityOf, type ProcessIdentity } from './process-identity';

/** Growth after which the journal is rewritten without the calls that are over. */
const MAX_BYTES = 4 * 1024 * 1024;
/** Time for which an ended call still counts as under way: its end may not have reached Temporal yet. */
const REPORTED_AFTER_MS = 60_000;

/**
 * Journal of the calls that this host process has sent, each recorded before its first byte. When the process is
 * killed, its successor knows which of its calls have certainly not run. What was written survives the process, not the
 * machine.
 */
export interface SentJournal {
  /** Records a call. Throws when that fails: then the call must not be sent. */
  add(callId: string, attempt: number): void;
  /** Records that the call has ended. */
  remove(callId: string, attempt: number): void;
  /** Withdraws a call that did not reach the server after all, although it had been handed over. */
  withdraw(callId: string, attempt: number): void;
  /** Returns how many attempts of a call this process has sent recently. */
  attempts(callId: string): number;
  /** Removes the journal: this host has ended in order. */
  close(): void;
}

/** Opens the journal of this process. Take over first: it replaces that of a predecessor. */
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
  /** Whether the last line may have been written in part. */
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
        // Synchronous: it must be written before the call is sent.
        if (bytes > limit) writeAnew();
        else append(`${isBroken ? '\n' : ''}${lineOf(callId, attempt)}\n`);
      } catch (error) {
        sent.delete(callId, attempt);
        throw error;
      }
    },
    remove: (callId, attempt) => sent.end(callId, attempt),
    withdraw: (callId, attempt) => sent.delete(callId, attempt),
    attempts: (callId) => sent.count(callId),
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
}

/** Attempts that a process has sent, with the time of their ends. */
class SentAttempts {
  /** End of each attempt by call, on the clock of `performance.now()`; Infinity while it is under way. */
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

  /** Returns the attempts that are under way, or may still be reported; forgets the others. */
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
 * Returns whether a dead host process may have sent an attempt of a call. When its journal cannot decide, as after the
 * machine went down, it may have sent all.
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

/** Returns the ID of this boot of the machine; empty where there is no /proc, and then nothing can be decided. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
