import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { type Inventory } from '../../../src/inventory/inventory';
import { mergeFile } from '../../../src/inventory/merge/merge-file';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const empty: Inventory = { version: 1, servers: {} };

const everything = {
  mcpServers: { a: { command: 'x' } },
  alerts: [{ name: 'ops', log: true }],
  profiles: { dev: { servers: ['a'] } },
  gateway: { keys: { laptop: '${LAPTOP_KEY}' }, hosts: ['a.test'] },
};

async function merge(inventory: Inventory, document: object, name = 'a.json') {
  const file = path.join(folder(), name);
  await writeFile(file, JSON.stringify(document));
  const { changes, inventory: after } = mergeFile(inventory, await readConfigFile(file), 1);
  return { after, rows: changes.map(({ kind, name: of, change }) => `${change} ${kind} ${of}`) };
}

it('imports all parts of a file, and reports them', async () => {
  const { after, rows } = await merge(empty, everything);
  expect(rows).toEqual([
    ...['added server a', 'added alert receiver ops', 'added profile dev'],
    ...['added gateway key laptop', 'added gateway hosts'],
  ]);
  expect(Object.keys(after.profiles ?? {})).toEqual(['dev']);
  expect(after.alerts).toMatchObject([{ name: 'ops' }]);
  expect(after.gateway).toMatchObject([{ keys: { laptop: '${LAPTOP_KEY}' }, hosts: ['a.test'] }]);
});

it('reports changed and removed parts', async () => {
  const { after } = await merge(empty, everything);
  const changed = { ...everything, profiles: { dev: { servers: ['*'] } }, gateway: undefined };
  expect((await merge(after, changed)).rows).toEqual([
    ...['unchanged server a', 'unchanged alert receiver ops', 'changed profile dev'],
    ...['dropped gateway key laptop', 'dropped gateway hosts'],
  ]);
});

it('reports names that another file has already taken', async () => {
  const { after } = await merge(empty, everything);
  const { rows } = await merge(after, { ...everything, gateway: undefined }, 'b.json');
  expect(rows).toEqual([
    'conflict server a',
    'conflict alert receiver ops',
    'conflict profile dev',
  ]);
});
