import { execFile } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type ConfigFile } from '../../src/inventory/config/config-file';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { type Inventory, readInventory, updateInventory } from '../../src/inventory/inventory';
import {
  addServer,
  mergeServers,
  type MergeOptions,
  removeByHand,
  removeServers,
  switchByHand,
} from '../../src/inventory/merge/merge';
import { useTemporaryFolder } from '../temporary-folder';

const run = promisify(execFile);
const home = useTemporaryFolder();
const file = () => path.join(home(), 'inventory.json');
const repository = path.resolve(__dirname, '../..');
const added = { entry: { command: 'node' }, baseDir: '/base', nowMs: 5 };
const add = (name: string) =>
  updateInventory(home(), (inventory) => addServer(inventory, name, added));

describe('the inventory', () => {
  it('is empty at first', async () => {
    expect(await readInventory(home())).toEqual({ version: 1, servers: {} });
    expect(await readdir(home())).toEqual([]);
  });

  it('stores servers in a private file, and leaves no other files behind', async () => {
    await add('alpha');
    await add('beta');
    await updateInventory(home(), (inventory) => removeServers(inventory, ['alpha', 'unknown']));
    expect(await readInventory(home())).toEqual({
      version: 1,
      servers: {
        beta: {
          entry: { command: 'node' },
          origin: 'cli',
          baseDir: '/base',
          addedAtMs: 5,
          meta: {},
        },
      },
    });
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect((await readdir(home())).sort()).toEqual(['inventory.json', 'inventory.lock']);
  });

  it('is not written when a change has no effect or fails', async () => {
    await add('alpha');
    const before = await stat(file());
    await updateInventory(home(), (inventory) => inventory);
    await expect(add('alpha')).rejects.toMatchObject({ code: 'NAME_TAKEN' });
    await expect(add('a b')).rejects.toMatchObject({ code: 'INVALID_NAME' });
    expect((await stat(file())).ino).toBe(before.ino);
    await add('beta');
  });

  it('has no servers named like members of objects', async () => {
    const { servers } = await readInventory(home());
    expect(servers['constructor']).toBeUndefined();
    await add('constructor');
    expect((await readInventory(home())).servers['constructor']?.entry).toEqual({
      command: 'node',
    });
  });

  it('loses nothing in concurrent changes of one process', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    await Promise.all(names.map(add));
    expect(Object.keys((await readInventory(home())).servers).sort()).toEqual(names.sort());
  });

  it('loses nothing in concurrent changes of several processes, and is unlocked when one is killed', async () => {
    const program = `
      require(${JSON.stringify(path.join(repository, 'test/load-typescript.js'))});
      const { updateInventory } = require(${JSON.stringify(path.join(repository, 'src/inventory/inventory'))});
      const { addServer } = require(${JSON.stringify(path.join(repository, 'src/inventory/merge/merge'))});
      const [home, prefix] = process.argv.slice(1);
      (async () => {
        for (let index = 0; index < 10; index += 1) {
          await updateInventory(home, (inventory) =>
            addServer(inventory, prefix + index, { entry: { command: 'x' }, baseDir: '/', nowMs: 1 }));
        }
        await updateInventory(home, () => process.kill(process.pid, 'SIGKILL'));
      })();`;
    const results = await Promise.allSettled(
      ['a', 'b', 'c'].map((prefix) => run(process.execPath, ['-e', program, home(), prefix])),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    await add('last');
    expect(Object.keys((await readInventory(home())).servers)).toHaveLength(31);
  });

  it.each([
    ['{"version": 1,\n"servers": ', ':2:12: value expected'],
    [
      '{"version": 1,\n"servers": {},}',
      ':2: servers: comments and trailing commas are not supported here',
    ],
    ['{"version": 2,\n"servers": {}}', ':1: version: expected 1, got 2'],
    [
      '{"version": 1,\n"servers": {"a": {"entry": {"command": "x",\n"cwd": 5}, "origin": "cli", "baseDir": "/", "addedAtMs": 1, "meta": {}}}}',
      ':3: servers.a.entry.cwd: expected a string, got 5',
    ],
    [
      '{"version": 1, "servers": {\n"a": {"entry": {"command": "x"}, "origin": "web", "baseDir": "/", "addedAtMs": 1, "meta": {}}}}',
      ':2: servers.a.origin: expected "cli" or an object with a file, got "web"',
    ],
    [
      '{"version": 1, "servers": {\n"a b": {}}}',
      ':2: servers.a b: The server name "a b" contains " ".',
    ],
  ])('names file, line and field when it is corrupt: %s', async (text, problem) => {
    await writeFile(file(), text);
    await expect(readInventory(home())).rejects.toMatchObject({
      code: 'INVENTORY_CORRUPT',
      message: expect.stringContaining(`${file()}${problem}`) as string,
    });
    await expect(add('alpha')).rejects.toMatchObject({ code: 'INVENTORY_CORRUPT' });
    expect(await readFile(file(), 'utf8')).toBe(text);
  });
});

describe('merging a config file', () => {
  const empty: Inventory = { version: 1, servers: {} };
  const config = (entries: Record<string, ServerEntry>, from = '/etc/a.json'): ConfigFile => ({
    alerts: [],
    profiles: {},
    leftOut: [],
    file: from,
    baseDir: path.dirname(from),
    entries: Object.entries(entries).map(([name, entry]) => ({
      name,
      written: name,
      entry,
      origin: { file: from, line: 1 },
      dialect: 'mcpServers',
      warnings: [],
    })),
  });

  it('adds servers with their origin, and reports them as unchanged the next time', () => {
    const first = mergeServers(empty, config({ a: { command: 'x' } }), 7);
    expect(first.changes).toEqual([{ kind: 'server', name: 'a', change: 'added' }]);
    expect(first.inventory.servers['a']).toEqual({
      entry: { command: 'x' },
      origin: { file: '/etc/a.json' },
      baseDir: '/etc',
      addedAtMs: 7,
      meta: {},
    });
    const second = mergeServers(first.inventory, config({ a: { command: 'x' } }), 8);
    expect(second.changes).toEqual([{ kind: 'server', name: 'a', change: 'unchanged' }]);
    expect(second.inventory).toBe(first.inventory);
    expect(empty.servers).toEqual({});
  });

  it('imports a changed entry, and keeps other settings of the server', () => {
    const { inventory } = mergeServers(empty, config({ a: { command: 'x' } }), 7);
    if (inventory.servers['a']) inventory.servers['a'].meta = { owner: 'me' };
    const merged = mergeServers(inventory, config({ a: { command: 'y' } }), 8);
    expect(merged.changes).toEqual([{ kind: 'server', name: 'a', change: 'changed' }]);
    expect(merged.inventory.servers['a']).toMatchObject({
      entry: { command: 'y' },
      addedAtMs: 7,
      meta: { owner: 'me' },
    });
  });

  it('reports servers that vanished from their file, but keeps them until they are removed', () => {
    const one = mergeServers(empty, config({ a: { command: 'x' }, b: { command: 'x' } }), 1);
    const two = mergeServers(one.inventory, config({ c: { command: 'x' } }, '/etc/c.json'), 1);
    const all = addServer(two.inventory, 'd', added);
    const merged = mergeServers(all, config({ a: { command: 'x' } }), 2);
    expect(merged.changes).toEqual([
      { kind: 'server', name: 'a', change: 'unchanged' },
      { kind: 'server', name: 'b', change: 'vanished' },
    ]);
    expect(Object.keys(merged.inventory.servers)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('keeps the first of two servers with the same name, and names both origins', () => {
    const before = addServer(empty, 'a', added);
    const merged = mergeServers(before, config({ a: { command: 'y' }, b: { command: 'y' } }), 2);
    expect(merged.changes).toMatchObject([
      {
        name: 'a',
        change: 'conflict',
        error: {
          code: 'NAME_TAKEN',
          message:
            'The server "a" already exists (from the command line); the one from /etc/a.json was not added.',
        },
      },
      { name: 'b', change: 'added' },
    ]);
    expect(merged.inventory.servers['a']?.origin).toBe('cli');
  });

  describe('with a server that was switched by hand', () => {
    const merge = (inventory: Inventory, entry: ServerEntry) =>
      mergeServers(inventory, config({ a: entry }), 2);
    const switchA = (inventory: Inventory, enabled: boolean): Inventory => {
      const { a } = inventory.servers;
      if (!a) throw new Error('there is no a');
      return { ...inventory, servers: { a: switchByHand(a, enabled) } };
    };
    const isOn = ({ servers: { a } }: Inventory) => a && (a.entry.enabled ?? !a.entry.disabled);

    it.each([
      ['off', { command: 'x' }, false],
      ['on', { command: 'x', disabled: true }, true],
      ['on', { command: 'x', enabled: false }, true],
    ])('keeps it %s when the file is read again: %j', (_word, entry, enabled) => {
      const before = switchA(merge(empty, entry).inventory, enabled);
      const again = merge(before, entry);
      expect(again.changes).toEqual([{ kind: 'server', name: 'a', change: 'unchanged' }]);
      expect(isOn(again.inventory)).toBe(enabled);
      const other = merge(before, { ...entry, args: ['y'] });
      expect(other.changes).toMatchObject([{ change: 'changed' }]);
      expect(isOn(other.inventory)).toBe(enabled);
      const back = merge(switchA(other.inventory, !enabled), { ...entry, args: ['y'] });
      expect(back.changes).toMatchObject([{ change: 'unchanged' }]);
      expect(isOn(back.inventory)).toBe(!enabled);
    });

    it('uses the value of the file again after it has changed', () => {
      const on = { command: 'x' };
      const off = { command: 'x', disabled: true };
      const before = switchA(merge(empty, on).inventory, false);
      const told = merge(before, off).inventory;
      expect(isOn(told)).toBe(false);
      expect(isOn(merge(told, on).inventory)).toBe(true);
    });
  });

  describe('with a server that was removed by hand', () => {
    const both = { a: { command: 'x' }, b: { command: 'x' } };
    const before = removeByHand(mergeServers(empty, config(both), 1).inventory, 'a');
    const changesOf = (inventory: Inventory, file: ConfigFile, options?: MergeOptions) =>
      mergeServers(inventory, file, 2, options).changes.map(({ name, change }) => [name, change]);

    it('skips it, even if it was the only one', () => {
      expect(changesOf(before, config(both))).toEqual([
        ['a', 'left out'],
        ['b', 'unchanged'],
      ]);
      expect(mergeServers(before, config(both), 2).inventory).toBe(before);
      const one = removeByHand(
        mergeServers(empty, config({ a: { command: 'x' } }), 1).inventory,
        'a',
      );
      expect(changesOf(one, config({ a: { command: 'x' } }))).toEqual([['a', 'left out']]);
    });

    it('imports it again on request, and from then on', () => {
      const again = mergeServers(before, config(both), 2, { withRemoved: true });
      expect(again.changes[0]).toEqual({ kind: 'server', name: 'a', change: 'added' });
      expect(again.inventory.removed).toBeUndefined();
      expect(changesOf(again.inventory, config(both))[0]).toEqual(['a', 'unchanged']);
    });

    it('imports it as new when it was absent from the file in between', () => {
      const without = mergeServers(before, config({ b: { command: 'x' } }), 2).inventory;
      expect(changesOf(without, config(both))[0]).toEqual(['a', 'added']);
    });

    it('still skips it after it was invalid in the file for a while', () => {
      const wrong: ConfigFile = {
        ...config({ b: { command: 'x' } }),
        leftOut: [{ line: 1, text: 'missing command', server: { name: 'a', written: 'a' } }],
      };
      const meanwhile = mergeServers(before, wrong, 2).inventory;
      expect(changesOf(meanwhile, config(both))[0]).toEqual(['a', 'left out']);
    });

    it('skips it when a server with that name was added since', () => {
      const added2 = addServer(before, 'a', added);
      expect(changesOf(added2, config(both))[0]).toEqual(['a', 'left out']);
      expect(added2.servers['a']?.origin).toBe('cli');
    });

    it('imports a server with that name from another file', () => {
      const other = config({ a: { command: 'z' } }, '/etc/other.json');
      expect(changesOf(before, other)).toEqual([['a', 'added']]);
    });
  });

  it('does not record the removal of a server without a file', () => {
    const inventory = removeByHand(addServer(empty, 'a', added), 'a');
    expect(inventory).toEqual(empty);
  });
});
