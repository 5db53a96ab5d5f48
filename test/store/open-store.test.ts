import { execFile } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import Database from 'libsql';
import { openStore } from '../../src/store/open-store';
import { useTemporaryFolder } from '../temporary-folder';

const run = promisify(execFile);
const home = useTemporaryFolder();
const databaseFile = () => path.join(home(), 'mainspring.db');
const repository = path.resolve(__dirname, '../..');

it('keeps its content when it is opened again', async () => {
  const first = await openStore(home());
  await first.results.put('ref', { a: 1 });
  await first.catalogue.put({ server: 's', toolsHash: 'h', tools: [], listedAtMs: 1 });
  await first.close();
  const second = await openStore(home());
  expect(await second.results.get('ref')).toEqual({ a: 1 });
  expect(await second.catalogue.latest('s')).toBeDefined();
  await second.close();
});

it('creates and writes one database from several processes at once, and loses nothing', async () => {
  const program = `
    require(${JSON.stringify(path.join(repository, 'test/load-typescript.js'))});
    const { openStore } = require(${JSON.stringify(path.join(repository, 'src/store/open-store'))});
    openStore(process.argv[1]).then(async (store) => {
      for (let index = 0; index < 50; index += 1) {
        const id = process.argv[2] + '-' + index;
        await store.events.append([{ id, server: 's', atMs: 1, kind: 'note', reason: 'r', actor: 'a' }]);
      }
      await store.close();
    });`;
  await Promise.all(
    ['a', 'b', 'c', 'd'].map((name) => run(process.execPath, ['-e', program, home(), name])),
  );
  const store = await openStore(home());
  expect(await store.events.list({ limit: 1_000 })).toHaveLength(200);
  await store.close();
});

it('opens several times in one process at once', async () => {
  const stores = await Promise.all([openStore(home()), openStore(home()), openStore(home())]);
  await Promise.all(
    stores.map((store, index) =>
      store.catalogue.put({ server: `s${index}`, toolsHash: 'h', tools: [], listedAtMs: 1 }),
    ),
  );
  expect(await stores[0]?.catalogue.latest('s2')).toBeDefined();
  await Promise.all(stores.map((store) => store.close()));
});

it('refuses a file that is no database, names it, and leaves it alone', async () => {
  await writeFile(databaseFile(), 'not a database '.repeat(1_000));
  const opening = openStore(home());
  await expect(opening).rejects.toMatchObject({ code: 'STORE_FAILED' });
  await expect(opening).rejects.toThrow(databaseFile());
  expect(await readFile(databaseFile(), 'utf8')).toContain('not a database');
});

it('reports damage that shows only when the database is read', async () => {
  const store = await openStore(home());
  const events = Array.from({ length: 2_000 }, (_, index) => ({
    id: `e${index}`,
    server: 's',
    atMs: 1,
    kind: 'note' as const,
    reason: 'r'.repeat(100),
    actor: 'a',
  }));
  await store.events.append(events);
  await store.close();
  const database = new Database(databaseFile());
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  const content = await readFile(databaseFile());
  content.fill(0xaa, content.length / 2); // the schema is in the first pages
  await writeFile(databaseFile(), content);

  const damaged = await openStore(home());
  await expect(damaged.events.list({ limit: 5_000 })).rejects.toMatchObject({
    code: 'STORE_FAILED',
    message: expect.stringContaining(databaseFile()) as string,
  });
  await damaged.close();
});

it('refuses a data directory that is not there', async () => {
  const opening = openStore(path.join(home(), 'nowhere'));
  await expect(opening).rejects.toMatchObject({ code: 'STORE_FAILED' });
});

it('reports a database that another process has locked for too long as an error of the store', async () => {
  const store = await openStore(home());
  const other = new Database(databaseFile());
  other.exec('BEGIN IMMEDIATE');
  const event = { id: '1', server: 's', atMs: 1, kind: 'note' as const, reason: 'r', actor: 'a' };
  await expect(store.events.append([event])).rejects.toMatchObject({ code: 'STORE_FAILED' });
  other.exec('ROLLBACK');
  await store.events.append([event]);
  expect(await store.events.list({ limit: 9 })).toHaveLength(1);
  other.close();
  await store.close();
});

const NOBODY = 65_534;

it('refuses a database that it may not write', async () => {
  await (await openStore(home())).close();
  await chmod(home(), 0o555);
  await chmod(databaseFile(), 0o444);
  // Root may write everything; anybody else may not.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await expect(openStore(home())).rejects.toMatchObject({ code: 'STORE_FAILED' });
  } finally {
    if (isRoot) process.seteuid?.(0);
    await chmod(home(), 0o700);
  }
});
