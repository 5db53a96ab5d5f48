import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { watchReceivers } from '../../../src/inventory/alert-receivers';
import { receiverOf } from '../../../src/inventory/fields/alerts-field';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { fillTexts } from '../../../src/inventory/references/fill-texts';
import { type Inventory, updateInventory } from '../../../src/inventory/inventory';
import { mergeAlerts } from '../../../src/inventory/merge/merge-alerts';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const servers = { a: { command: 'node' } };

async function read(document: unknown) {
  const file = path.join(folder(), 'servers.json');
  await writeFile(file, JSON.stringify(document, null, 1));
  return readConfigFile(file);
}

const log = { name: 'ops', log: true };

test.each<[what: string, alerts: unknown, problem: string]>([
  ['no list', {}, 'alerts: expected a list, got an object'],
  ['no channel', [{ name: 'ops' }], 'exactly one of "log", "webhook" and "command"'],
  ['two channels', [{ ...log, command: { command: 'x' } }], 'exactly one of'],
  ['a mistyped member', [{ ...log, servres: ['a'] }], 'did you mean "servers"?'],
  ['an unknown kind', [{ ...log, on: ['critica'] }], 'did you mean "critical"?'],
  ['a name twice', [log, log], 'duplicate receiver "ops"'],
  ['no URL', [{ name: 'ops', webhook: { url: 'nowhere' } }], 'expected an http or https URL'],
  [
    'a secret in the open',
    [{ name: 'ops', webhook: { url: 'https://x.test', secret: 'hunter2hunter2' } }],
    'expected a reference such as "${ALERT_SECRET}"',
  ],
])('skips %s', async (_what, alerts, problem) => {
  const { leftOut, entries } = await read({ mcpServers: servers, alerts });
  const said = leftOut.map(({ line, text }) => `:${line}: ${text}`).join('\n');
  expect(said).toContain(problem);
  expect(said).not.toContain('hunter2');
  expect(entries).toHaveLength(Object.keys(servers).length);
});

it('accepts a file with only alerts, and ignores alerts of other programs', async () => {
  expect(await read({ alerts: [log] })).toMatchObject({ entries: [], alerts: [log] });
  expect(await read({ servers, alerts: 'of an editor' })).toMatchObject({ alerts: [] });
});

it('reads receivers with paths relative to their config', () => {
  const hook = { name: 'hook', webhook: { url: 'https://x.test/${file:token}', secret: '${S}' } };
  expect(receiverOf({ ...hook, origin: '/etc/a.json', baseDir: '/etc' }, '/home')).toEqual({
    ...{ name: 'hook', on: ['critical', 'recovery'], servers: [], origin: '/etc/a.json' },
    channel: { kind: 'webhook', url: 'https://x.test/${file:/etc/token}', secret: '${S}' },
  });
  const command = { command: './tell.sh', args: ['-v'], timeout: '5s' };
  expect(receiverOf({ name: 'script', command }, '/home').channel).toEqual({
    ...{ kind: 'command', command: '/home/tell.sh', args: ['-v'], env: {} },
    ...{ cwd: '/home', timeoutMs: 5_000 },
  });
});

describe('merging', () => {
  const empty: Inventory = { version: 1, servers: {} };
  const config = (names: string[], file = '/etc/a.json', wrong: string[] = []) => ({
    ...{ file, baseDir: '/etc' },
    alerts: names.map((name) => ({ name, log: true as const })),
    leftOut: wrong.map((name) => ({ line: 1, text: '', part: { kind: 'alerts' as const, name } })),
  });
  const names = ({ alerts = [] }: Inventory) => alerts.map(({ name }) => name);

  it('replaces the previous alerts of a file', () => {
    const first = mergeAlerts(empty, config(['a', 'b'])).inventory;
    expect(names(first)).toEqual(['a', 'b']);
    expect(mergeAlerts(first, config(['a', 'b'])).inventory).toBe(first);
    expect(names(mergeAlerts(first, config(['b', 'c'])).inventory)).toEqual(['b', 'c']);
    expect(names(mergeAlerts(first, config([])).inventory)).toEqual([]);
    const wrong = config(['b'], '/etc/a.json', ['a']);
    expect(names(mergeAlerts(first, wrong).inventory)).toEqual(['a', 'b']);
    expect(mergeAlerts(empty, config([])).inventory).toBe(empty);
  });

  it('keeps the first receiver with a name', () => {
    const first = mergeAlerts(empty, config(['a'])).inventory;
    const { inventory, conflicts } = mergeAlerts(first, config(['a', 'b'], '/etc/b.json'));
    expect(names(inventory)).toEqual(['a', 'b']);
    expect(conflicts).toMatchObject([{ name: 'a', error: { code: 'NAME_TAKEN' } }]);
  });
});

it('returns new receivers as soon as the inventory contains them', async () => {
  const receivers = watchReceivers(folder());
  expect((await receivers()).receivers).toEqual([]);
  const alerts = [{ name: 'ops', log: true as const }];
  await updateInventory(folder(), (inventory) => ({ ...inventory, alerts }));
  expect((await receivers()).receivers).toMatchObject([{ name: 'ops', channel: { kind: 'log' } }]);
});

describe('resolving references', () => {
  const fill = (text: string) =>
    fillTexts('It', { url: text }, { A: 'secret-a', EMPTY: '' }, async () => 'from-file\n');

  test.each<[text: string, filled: string, secrets: string[]]>([
    ['plain $A', 'plain $A', []],
    ['x${A}y${A}', 'xsecret-aysecret-a', ['secret-a']],
    ['${env:A}', 'secret-a', ['secret-a']],
    ['${B:-b}${EMPTY:-e}', 'be', []],
    ['${file:/x}', 'from-file', ['from-file']],
  ])('%s', async (text, filled, secrets) => {
    expect(await fill(text)).toEqual({ texts: { url: filled }, secrets });
  });

  it('reports missing values with their fields', async () => {
    await expect(fill('${B}')).rejects.toThrow('It needs ${B} in url.');
  });
});
