import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_GATEWAY_LIMITS } from '../../../src/domain/endpoint/gateway-policy';
import { readConfigFile } from '../../../src/inventory/config/config-file';
import { type WrittenGateway } from '../../../src/inventory/fields/gateway-field';
import { keyFiles, resolveGatewayPolicy } from '../../../src/inventory/gateway-policy';
import { type Inventory } from '../../../src/inventory/inventory';
import { mergeGateway } from '../../../src/inventory/merge/merge-gateway';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const digest = (text: string) => createHash('sha256').update(text).digest('hex');

async function read(gateway: unknown, more: object = { mcpServers: {} }) {
  const file = path.join(folder(), 'mainspring.json');
  await writeFile(file, JSON.stringify({ ...more, gateway }, null, 1));
  return readConfigFile(file);
}

test.each<[what: string, gateway: unknown, problem: string]>([
  ['no object', [], 'gateway: expected an object'],
  ['a key in the open', { keys: { a: 'hunter2hunter2hunter2' } }, 'expected a reference'],
  ['a default in the open', { keys: { a: '${K:-hunter2}' } }, 'expected a reference'],
  ['more than a reference', { keys: { a: 'hunter2${K}' } }, 'expected a reference'],
  ['a digest that is none', { keys: { a: 'sha256:hunter2' } }, 'expected a reference'],
  ['a mistyped member', { keys: { a: { key: '${K}', profil: 'x' } } }, 'unknown member'],
  ['a name that is none', { keys: { 'a b': '${K}' } }, '1 to 64 letters'],
  ['a path as origin', { origins: ['https://x.test/a'] }, 'expected an origin'],
  ['a URL as host', { hosts: ['https://x.test'] }, 'expected a host name'],
  ['a limit of nothing', { limits: { calls: 0 } }, 'a whole number from 1'],
  ['an unknown limit', { limits: { call: 5 } }, 'did you mean "calls"?'],
])('refuses %s', async (_what, gateway, problem) => {
  const error: unknown = await read(gateway).catch((thrown: unknown) => thrown);
  expect(String(error)).toContain(problem);
  expect(String(error)).not.toContain('hunter2');
});

it('accepts a file with only a gateway, and ignores a gateway of other programs', async () => {
  const gateway = { keys: { laptop: '${K}' } };
  expect(await read(gateway, {})).toMatchObject({ entries: [], gateway });
  const other = await read('of an editor', { servers: { a: { command: 'node' } } });
  expect(other.gateway).toBeUndefined();
});

describe('merging', () => {
  const empty: Inventory = { version: 1, servers: {} };
  const config = (gateway: WrittenGateway | undefined, file = '/etc/a.json') => ({
    ...{ file, baseDir: path.dirname(file) },
    ...(gateway && { gateway }),
  });
  const names = ({ gateway = [] }: Inventory) =>
    gateway.flatMap(({ keys = {} }) => Object.keys(keys));

  it('replaces the previous rules of a file', () => {
    const first = mergeGateway(empty, config({ keys: { a: '${A}', b: '${B}' } })).inventory;
    expect(names(first)).toEqual(['a', 'b']);
    expect(mergeGateway(first, config({ keys: { a: '${A}', b: '${B}' } })).inventory).toBe(first);
    expect(names(mergeGateway(first, config({ keys: { b: '${B}' } })).inventory)).toEqual(['b']);
    expect(mergeGateway(first, config(undefined)).inventory.gateway).toEqual([]);
    expect(mergeGateway(empty, config(undefined)).inventory).toBe(empty);
  });

  it('keeps the first of two keys with the same name', () => {
    const first = mergeGateway(empty, config({ keys: { a: '${A}' } })).inventory;
    const second = config({ keys: { a: '${OTHER}', b: '${B}' } }, '/etc/b.json');
    const { inventory, conflicts } = mergeGateway(first, second);
    expect(names(inventory)).toEqual(['a', 'b']);
    expect(conflicts).toMatchObject([{ name: 'a', error: { code: 'NAME_TAKEN' } }]);
  });
});

describe('resolving the policy', () => {
  const key = 'a key that is long enough';
  const recorded = (gateway: WrittenGateway) => ({ ...gateway, origin: '/x', baseDir: folder() });

  it('stores only the digests of keys', async () => {
    await writeFile(path.join(folder(), 'ci.key'), `${key}\n`);
    const inventory = {
      gateway: [
        recorded({
          keys: {
            laptop: '${LAPTOP_KEY}',
            ci: { key: '${file:ci.key}', profile: 'ci', limits: { calls: 5 } },
            old: `sha256:${digest('x').toUpperCase()}`,
          },
        }),
      ],
    };
    const { keys } = await resolveGatewayPolicy(inventory, { LAPTOP_KEY: key });
    expect(keys).toEqual([
      { name: 'laptop', sha256: digest(key) },
      { name: 'ci', sha256: digest(key), profile: 'ci', limits: { calls: 5 } },
      { name: 'old', sha256: digest('x') },
    ]);
    expect(keyFiles(inventory)).toEqual([path.join(folder(), 'ci.key')]);
  });

  it('merges the configs', async () => {
    const gateway = [
      recorded({ origins: ['https://a.test'], hosts: ['a.test'], limits: { calls: 50 } }),
      recorded({ origins: ['https://b.test'], limits: { calls: 20, bodyBytes: 1_000 } }),
    ];
    expect(await resolveGatewayPolicy({ gateway }, {})).toEqual({
      ...{ keys: [], origins: ['https://a.test', 'https://b.test'], hosts: ['a.test'] },
      limits: { ...DEFAULT_GATEWAY_LIMITS, calls: 20, bodyBytes: 1_000 },
    });
    expect((await resolveGatewayPolicy({}, {})).limits).toEqual(DEFAULT_GATEWAY_LIMITS);
  });

  it.each([
    ['a variable that is not set', {}, 'VARIABLE_UNSET'],
    ['an empty one', { K: '' }, 'VARIABLE_UNSET'],
    ['a key that could be guessed', { K: 'hunter2' }, 'INVALID_CONFIG'],
    ['a key of blanks', { K: ' '.repeat(50) }, 'INVALID_CONFIG'],
  ])('refuses %s', async (_what, variables, code) => {
    const gateway = [recorded({ keys: { a: '${K}' } })];
    const error: unknown = await resolveGatewayPolicy({ gateway }, variables).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('hunter2');
  });
});
