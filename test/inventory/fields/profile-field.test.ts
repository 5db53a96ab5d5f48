import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { type Inventory } from '../../../src/inventory/inventory';
import { mergeProfiles } from '../../../src/inventory/merge/merge-profiles';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const servers = { a: { command: 'node' } };

async function read(document: unknown) {
  const file = path.join(folder(), 'servers.json');
  await writeFile(file, JSON.stringify(document, null, 1));
  return readConfigFile(file);
}

const p = { servers: ['a'] };
const overriding = (override: unknown) => ({ ...p, overrides: { 'a/b': override } });

test.each<[what: string, profiles: unknown, problem: RegExp]>([
  ['a list', [p], /:7: profiles: expected an object, got a list/],
  ['no servers', { p: {} }, /:8: profiles\.p\.servers: expected a list/],
  ['a name for no URL', { 'a b': p }, /:8: profiles\.a b: expected 1 to 64 letters/],
  [
    'a mistyped member',
    { p: { ...p, tool: ['x'] } },
    /profiles\.p\.tool: unknown member; did you mean "tools"/,
  ],
  [
    'an alias with a dot',
    { p: { ...p, aliases: { a: 'x.y' } } },
    /profiles\.p\.aliases\.a: expected 1 to 64/,
  ],
  [
    'a name with a space',
    { p: overriding({ name: 'x y' }) },
    /overrides\.a\/b\.name: expected 1 to 64/,
  ],
  ['a name of 65', { p: overriding({ name: 'x'.repeat(65) }) }, /name: expected 1 to 64/],
  [
    'a value and a default',
    { p: overriding({ arguments: { x: { value: 1, default: 2 } } }) },
    /arguments\.x\.default: has no effect together with "value"/,
  ],
  ['a search for nothing', { p: { ...p, search: 'yes' } }, /profiles\.p\.search: /],
])('refuses %s, with line and field', async (_what, profiles, problem) => {
  const { leftOut, entries } = await read({ mcpServers: servers, profiles });
  const said = leftOut.map(({ line, text }) => `:${line}: ${text}`).join('\n');
  expect(said).toMatch(problem);
  expect(entries).toHaveLength(Object.keys(servers).length);
});

it('accepts all members of a profile, and ignores profiles of other programs', async () => {
  const full = {
    ...{ servers: ['a', 'b*'], aliases: { a: 'x' }, tools: ['read_*'], exclude: ['a/write'] },
    overrides: {
      'a/read': {
        ...{ name: 'find', title: 'T', description: 'D' },
        arguments: {
          path: { value: null },
          limit: { hide: true, default: 3 },
          q: { description: 'x' },
        },
      },
    },
    ...{ search: { always: ['find'] }, systemPrompt: 'Be brief.' },
  };
  expect(await read({ profiles: { full } })).toMatchObject({ entries: [], profiles: { full } });
  expect(await read({ servers, profiles: 'of an editor' })).toMatchObject({ profiles: {} });
});

describe('merging', () => {
  const empty: Inventory = { version: 1, servers: {} };
  const config = (names: string[], file = '/etc/a.json', wrong: string[] = []) => ({
    file,
    profiles: Object.fromEntries(names.map((name) => [name, p])),
    leftOut: wrong.map((name) => ({
      line: 1,
      text: '',
      part: { kind: 'profiles' as const, name },
    })),
  });
  const names = ({ profiles = {} }: Inventory) => Object.keys(profiles);

  it('replaces the previous profiles of a file', () => {
    const first = mergeProfiles(empty, config(['a', 'b'])).inventory;
    expect(first.profiles?.['a']).toEqual({ ...p, origin: '/etc/a.json' });
    expect(mergeProfiles(first, config(['b', 'a'])).inventory).toBe(first);
    expect(names(mergeProfiles(first, config(['b', 'c'])).inventory)).toEqual(['b', 'c']);
    expect(names(mergeProfiles(first, config([])).inventory)).toEqual([]);
    const wrong = config(['b'], '/etc/a.json', ['a']);
    expect(names(mergeProfiles(first, wrong).inventory)).toEqual(['a', 'b']);
    expect(mergeProfiles(empty, config([])).inventory).toBe(empty);
  });

  it('keeps the first profile with a name: from an agent or another file', () => {
    const agents: Inventory = { ...empty, profiles: { a: { servers: ['x'] } } };
    const { inventory, conflicts } = mergeProfiles(agents, config(['a', 'b']));
    expect(inventory.profiles?.['a']).toEqual({ servers: ['x'] });
    expect(conflicts.map(({ name, error }) => [name, error.message])).toEqual([
      [
        'a',
        'The profile "a" already exists (from an agent); the one from /etc/a.json was not added.',
      ],
    ]);
    const other = mergeProfiles(inventory, config(['b'], '/etc/b.json'));
    expect(other.inventory).toBe(inventory);
    expect(other.conflicts).toHaveLength(1);
  });
});
