import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { identityOf, type ProcessIdentity } from './process-identity';

/** Variable in the environment of every child: `<host id>/<server>`. */
export const GROUP_MARK = 'MAINSPRING_GROUP';
/** Variable in the environment of every child: the host process that started it, as `<pid>.<start time>`. */
export const HOST_MARK = 'MAINSPRING_HOST_PROCESS';

const IDENTITY = z.object({ pid: z.int(), startTime: z.int().optional() });

/** Record of a host about itself, so that another one can clean up after it. */
export const HOST_RECORD = z.object({
  host: IDENTITY,
  groups: z.array(z.object({ server: z.string(), leader: IDENTITY })),
});
export type HostRecord = z.infer<typeof HOST_RECORD>;
type RecordedGroup = HostRecord['groups'][number];

export interface GroupRecords {
  /** @throws MainspringError DISK_FULL, STORE_FAILED: what could not be cleaned up must not run */
  add(pgid: number, server: string): void;
  remove(pgid: number): void;
  /** Removes the record: nothing of this host is left. */
  close(): void;
}

/** Returns the variables by which a child of this host process is recognised, even after it left its group. */
export function groupMarks(hostId: string, server: string): Record<string, string> {
  return { [GROUP_MARK]: `${hostId}/${server}`, [HOST_MARK]: hostMark(identityOf(process.pid)) };
}

export function hostMark({ pid, startTime }: ProcessIdentity): string {
  return `${pid}.${startTime ?? 0}`;
}

/** Returns the identity by which Temporal knows the workers of a host process. */
export function workerIdentity(hostId: string, host: ProcessIdentity): string {
  return `host/${hostId}/${hostMark(host)}`;
}

export const hostsFolder = (home: string) => join(home, 'hosts');

/** Returns the path of the record that `up` keeps about the parts of its instance. */
export const upRecordFile = (home: string) => join(home, 'up.json');

/** Starts the record of this process as host `hostId`. Sweep first: it replaces the record of a predecessor. */
export function openGroupRecords(home: string, hostId: string): GroupRecords {
  return openRecord(join(hostsFolder(home), `${hostId}.json`));
}

/** Starts the record of this process as the `up` of a data directory. Sweep first, as for a host. */
export function openUpRecord(home: string): GroupRecords {
  return openRecord(upRecordFile(home));
}

function openRecord(file: string): GroupRecords {
  const host = identityOf(process.pid);
  const groups = new Map<number, RecordedGroup>();
  // Synchronous, because a host that dies right after a spawn must have it on disk.
  const save = () => {
    const record: HostRecord = { host, groups: [...groups.values()] };
    writeFileSync(`${file}.new`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  save();
  // A full disk leaves the older record: the guard and the marks know each group as well, and a group that is gone is not
  // mistaken for another one with its pid.
  const trySave = () => {
    try {
      save();
    } catch {
      // The next change writes the whole record.
    }
  };
  return {
    add(pgid, server) {
      groups.set(pgid, { server, leader: identityOf(pgid) });
      trySave();
    },
    remove(pgid) {
      if (groups.delete(pgid)) trySave();
    },
    close: () => rmSync(file, { force: true }),
  };
}
