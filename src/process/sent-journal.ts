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
  add(callId: string, attempt: number): void;
  /** The call has ended. */
  remove(callId: string, attempt: number): void;
  /** Removes it: this host has ended in order. */
  close(): void;
}

/** Begins the journal of this process. Take over first: it replaces that of a predecessor. */
export function openSentJournal(
  home: string,
  hostId: string,
  { maxBytes = MAX_BYTES, reportedAfterMs = REPORTED_AFTER_MS } = {},
): SentJournal {
  const file = journalFile(home, hostId);
  const head = headOf(identityOf(process.pid));
  const underWay = new Set<string>();
  /** When each call that is over has ended, oldest first. */
  const ended = new Map<string, number>();
  let descriptor = -1;
  let bytes = 0;
  let limit = 0;
  const writeAnew = () => {
    const reported = performance.now() - reportedAfterMs;
    for (const [line, atMs] of ended) if (atMs <= reported) ended.delete(line);
    const next = openSync(`${file}.new`, 'w', 0o600);
    bytes = writeSync(next, [head, ...underWay, ...ended.keys(), ''].join('\n'));
    limit = bytes + maxBytes;
    renameSync(`${file}.new`, file);
    if (descriptor >= 0) closeSync(descriptor);
    descriptor = next;
  };
  writeAnew();
  return {
    add(callId, attempt) {
      const line = lineOf(callId, attempt);
      underWay.add(line);
      // Synchronous: it must be there before the call goes out.
      if (bytes > limit) writeAnew();
      else bytes += writeSync(descriptor, `${line}\n`);
    },
    remove(callId, attempt) {
      const line = lineOf(callId, attempt);
      if (underWay.delete(line)) ended.set(line, performance.now());
    },
    close() {
      closeSync(descriptor);
      rmSync(file, { force: true });
    },
  };
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
