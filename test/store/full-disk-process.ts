/**
 * Uses a store on a disk that gets full and has room again. Argument: the data directory. Prints one line of JSON: what came of
 * each kind of write on the full disk, and of the same afterwards.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { type CallRecord } from '../../src/domain/calls/calls';
import { reportOf } from '../../src/base/errors';
import { type GroupRecords, openGroupRecords } from '../../src/process/group-records';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';

const large = (bytes: number) => randomBytes(bytes / 2).toString('hex');
const event = (id: string, reason = '') => ({
  ...{ id, server: 'alpha', atMs: 1, kind: 'note' as const, reason, actor: 'mainspring' },
});
const call = (callId: string, tool: string): CallRecord => ({
  ...{ callId, server: 'alpha', tool, principal: 'me', correlationId: 'c' },
  ...{ status: 'queued', submittedAtMs: 1 },
});

async function writeAll(
  { store, groups }: { store: Store; groups: GroupRecords },
  id: string,
  bytes: number,
): Promise<Record<string, string>> {
  const results: Record<string, string> = {};
  const writes: [string, () => Promise<unknown>][] = [
    ['groups', async () => groups.add(1, large(bytes))],
    ['a group that is gone', async () => groups.remove(2)],
    ['events', () => store.events.append([event(id, large(bytes))])],
    ['calls', () => store.calls.put([call(id, large(bytes))])],
    ['locks', () => store.locks.put(id, large(bytes))],
    ['results', () => store.results.put(id, { text: large(bytes) })],
  ];
  for (const [name, write] of writes) {
    results[name] = await write().then(
      () => 'written',
      (error: unknown) => `${reportOf(error).code}: ${reportOf(error).message}`,
    );
  }
  return results;
}

function fill(file: string): void {
  for (let size = 64 * 1024; size >= 1; size = Math.floor(size / 2)) {
    try {
      for (;;) appendFileSync(file, Buffer.alloc(size));
    } catch {
      // A smaller piece may still fit.
    }
  }
}

async function main(home: string): Promise<void> {
  const store = await openStore(home);
  await store.events.append([event('before')]);
  await store.results.put('before', { a: 1 });
  const groups = openGroupRecords(home, 'host');
  groups.add(2, 'before');
  const ballast = path.join(home, 'ballast');
  fill(ballast);
  const full = await writeAll({ store, groups }, 'full', 100_000);
  const kept = [await store.events.list({ limit: 10 }), await store.results.get('before')];
  rmSync(ballast);
  const after = await writeAll({ store, groups }, 'after', 1_000);
  const half = await store.results.get('full');
  await store.close();
  const database = new Database(path.join(home, 'mainspring.db'));
  const integrity = database.pragma('integrity_check');
  database.close();
  const strays = readdirSync(home, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.tmp'),
  );
  const said = { full, kept, after, half: half ?? null, integrity, strays };
  process.stdout.write(`${JSON.stringify(said)}\n`);
}

const [, , home = ''] = process.argv;
void main(home);
