import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type JsonObject } from '../../src/domain/calls';
import { type StoredEvent } from '../../src/domain/events';
import { fixture, startInstance, type TestInstance } from './instance';

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
  instance = await startInstance({
    config: { hostile: server('hostile', HOSTILE), strict: server('strict', STRICT) },
  });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

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
    ['looks-ahead', expect.stringMatching(/^checked in part: the pattern .* it has a lookahead$/)],
    ['elsewhere', expect.stringMatching(/^not checked: it refers to .* outside of it$/)],
    ['huge', expect.stringMatching(/^not checked: it has more than 262144 characters$/)],
  ]);
  const { stdout } = await instance.cli('tools', 'hostile');
  expect(stdout).toContain('looks-ahead: arguments checked in part: the pattern "^(?=a)"');
});

test('an event says so, and only when that has changed', async () => {
  expect(await notes()).toEqual([expect.stringContaining('looks-ahead (checked in part:')]);
  await instance.cli('restart', 'hostile');
  expect(await notes()).toHaveLength(1);
  writeFileSync(path.join(folder, 'hostile.json'), JSON.stringify(STRICT));
  await instance.cli('restart', 'hostile');
  expect(await notes()).toEqual([
    expect.any(String),
    'the arguments of all its tools are checked before calls again',
  ]);
  expect(await unchecked()).toEqual([]);
});

test('`validate` warns of it', async () => {
  writeFileSync(path.join(folder, 'hostile.json'), JSON.stringify(HOSTILE));
  const { stdout } = await instance.cli('validate', 'hostile', '--json');
  expect(stdout).toContain('the arguments of tool \\"looks-ahead\\" are checked in part: ');
  expect(stdout).toContain('the arguments of tool \\"elsewhere\\" are not checked: ');
});
