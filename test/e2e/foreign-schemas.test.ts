import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type StoredEvent } from '../../src/domain/events';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';
import { type JsonObject } from '../../src/base/json';

const tool = (name: string, inputSchema: object) => ({
  ...{ name, description: name, inputSchema: { type: 'object', ...inputSchema } },
});
const HOSTILE = [
  tool('takes-over', { $id: 'https://json-schema.org/draft/2020-12/schema' }),
  tool('backtracks', { properties: { s: { type: 'string', pattern: '^(a+)+$' } } }),
  tool('looks-ahead', {
    properties: { s: { type: 'string', pattern: '^(?=a)' } },
    required: ['s'],
  }),
  tool('elsewhere', { properties: { s: { $ref: 'https://example.com/s' } } }),
  tool('huge', { description: 'x'.repeat(300_000) }),
];
const STRICT = [tool('t', { properties: { s: { type: 'string' } }, required: ['s'] })];

const NEXT = tool('next', {});
const PHASES = [
  { tools: [NEXT, tool('pid', {})] },
  { tools: [NEXT, tool('pid', {}), { name: 'odd' }, { description: 'nobody' }] },
  { error: { code: -32603, message: 'it is down' } },
].map((page) => ({ 'tools/list': { '': page } }));

let folder: string;
let instance: TestInstance;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-'));
  const server = (name: string, tools: object[]) => {
    const file = path.join(folder, `${name}.json`);
    writeFileSync(file, JSON.stringify(tools));
    return {
      command: process.execPath,
      args: [fixture('schema-server.js')],
      env: { TOOLS_FILE: file },
    };
  };
  const lists = path.join(folder, 'lists.json');
  writeFileSync(lists, JSON.stringify(PHASES));
  const changing = {
    command: process.execPath,
    args: [fixture('listing-server.js')],
    env: { LISTS: lists },
    health: { interval: '500ms' },
  };
  instance = await startInstance({
    config: { changing, hostile: server('hostile', HOSTILE), strict: server('strict', STRICT) },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const told = async (text: string) => {
  const events = await instance.client.events.list({ server: 'changing' });
  return events.some(({ reason }) => reason.includes(text));
};

test('a running server whose list turns odd, or fails, goes on with its good part', async () => {
  const call = (name: string) => instance.client.callTool('changing', name, {});
  const listed = async () => {
    const { json } = await instance.cli<{ name: string }[]>('tools', 'changing', '--json');
    return json.map(({ name }) => name);
  };
  const { result: before } = await call('pid');
  await call('next');
  await until('the odd tool', () => told('the tool "odd" has no inputSchema'));
  expect(await told('tool 4 has no "name" (dropped)')).toBe(true);
  expect(await listed()).toEqual(['next', 'pid', 'odd']);
  await call('next');
  const kept = 'it is down (-32603); keeping the previous list';
  await until('the failed list', async () => told(kept));
  expect(await listed()).toEqual(['next', 'pid', 'odd']);
  await until('more rounds', async () => {
    const { results } = await instance.client.health.get('changing');
    return results.filter(({ health }) => health === 'DEGRADED').length > 4;
  });
  expect((await call('pid')).result).toEqual(before);
});

const unchecked = async () => {
  const { json } = await instance.cli<{ name: string; unchecked?: string[] }[]>(
    ...['tools', 'hostile', '--json'],
  );
  return json.flatMap(({ name, unchecked = [] }) => unchecked.map((reason) => [name, reason]));
};
const notes = async () => {
  const { json } = await instance.cli<StoredEvent[]>('events', 'hostile', '--json');
  return json.flatMap(({ reason }) => (reason.includes('checked before calls') ? [reason] : []));
};

test('a schema changes nothing for other servers, and its pattern blocks nobody', async () => {
  const call = (server: string, name: string, args: JsonObject) =>
    instance.client.callTool(server, name, args);
  expect(await call('hostile', 'takes-over', {})).toMatchObject({ outcome: 'ok' });
  expect(await call('strict', 't', {})).toMatchObject({
    ...{ outcome: 'failed', error: { code: 'INVALID_ARGUMENTS', message: '"s" is missing' } },
  });
  expect(await call('hostile', 'backtracks', { s: `${'a'.repeat(40)}!` })).toMatchObject({
    ...{ outcome: 'failed', error: { code: 'INVALID_ARGUMENTS' } },
  });
});

test('`tools` says what is not checked, and why', async () => {
  expect(await unchecked()).toEqual([
    ['looks-ahead', expect.stringMatching(/^partly checked: the pattern .* it has a lookahead$/)],
    ['elsewhere', expect.stringMatching(/^not checked: it references .* outside the schema$/)],
    ['huge', expect.stringMatching(/^not checked: it has more than 262144 characters$/)],
  ]);
  const { stdout } = await instance.cli('tools', 'hostile');
  expect(stdout).toContain('looks-ahead: arguments partly checked: the pattern "^(?=a)"');
});

test('an event says so, and only when that has changed', async () => {
  expect(await notes()).toEqual([expect.stringContaining('looks-ahead (partly checked:')]);
  await instance.cli('restart', 'hostile');
  expect(await notes()).toHaveLength(1);
  writeFileSync(path.join(folder, 'hostile.json'), JSON.stringify(STRICT));
  await instance.cli('restart', 'hostile');
  expect(await notes()).toEqual([
    expect.any(String),
    'the arguments of all tools are checked before calls again',
  ]);
  expect(await unchecked()).toEqual([]);
});

test('`validate` warns of it', async () => {
  writeFileSync(path.join(folder, 'hostile.json'), JSON.stringify(HOSTILE));
  const { stdout } = await instance.cli('validate', 'hostile', '--json');
  expect(stdout).toContain('the arguments of tool \\"looks-ahead\\" are partly checked: ');
  expect(stdout).toContain('the arguments of tool \\"elsewhere\\" are not checked: ');
});
