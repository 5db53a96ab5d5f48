import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import path from 'node:path';
import { readInstance } from '../../src/offline/instance';
import { type Exposure } from '../../src/client/listings/profile-content';
import { REPOSITORY, startInstance, type TestInstance } from './instance';
import { until } from './until';

let instance: TestInstance;
const clients: Client[] = [];

beforeAll(async () => {
  instance = await startInstance({
    config: path.join(REPOSITORY, 'examples/profiles.json'),
    gateway: true,
  });
});

afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
});

async function connect(endpoint: string): Promise<Client> {
  const client = new Client({ name: 'test', version: '1' });
  const { apiUrl } = (await readInstance(instance.home)) ?? {};
  await client.connect(new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp${endpoint}`)));
  clients.push(client);
  return client;
}

const namesOf = async (client: Client) => (await client.listTools()).tools.map(({ name }) => name);

const READER = ['find_notes', 'notes__list_directory', 'notes__read_text_file'];

it('shows a client what its profile says, and sets what it pins', async () => {
  const reader = await connect('/p/reader');
  expect(await namesOf(reader)).toEqual(READER);
  const found = await reader.callTool({ name: 'find_notes', arguments: { path: '/etc' } });
  expect(JSON.stringify(found.content)).toContain('planets.csv');
  await expect(reader.callTool({ name: 'notes__write_file' })).rejects.toMatchObject({
    code: -32602,
  });
});

it('finds tools by words and calls them', async () => {
  const assistant = await connect('/p/assistant');
  expect(await namesOf(assistant)).toEqual(['search_tools', 'call_tool', 'everything__echo']);
  const search = { name: 'search_tools', arguments: { query: 'sum of numbers', limit: 1 } };
  expect((await assistant.callTool(search)).structuredContent).toMatchObject({
    tools: [{ name: 'everything__get-sum' }],
  });
  const call = { name: 'everything__get-sum', arguments: { a: 2, b: 3 } };
  expect(
    JSON.stringify(await assistant.callTool({ name: 'call_tool', arguments: call })),
  ).toContain('is 5');
  const hidden = { name: 'everything__get-env' };
  expect(await assistant.callTool({ name: 'call_tool', arguments: hidden })).toMatchObject({
    isError: true,
  });
});

it('keeps a crashed server listed and a stopped one not, and tells clients so', async () => {
  const reader = await connect('/p/reader');
  let changes = 0;
  reader.setNotificationHandler(ToolListChangedNotificationSchema, () => void (changes += 1));
  const { pid } = await instance.client.servers.get('files');
  if (pid === null) throw new Error('it does not run');
  process.kill(pid, 'SIGKILL');
  expect(await namesOf(reader)).toEqual(READER);
  await instance.client.servers.stop('files');
  await until('an empty list', async () => (await namesOf(reader)).length === 0);
  await until('a notification', () => changes > 0);
  const shown = await instance.cli<Exposure>('profile', 'show', 'reader', '--json');
  expect(shown.json.leftOut).toEqual([
    { server: 'files', why: 'the server is stopped; start it: mainspring start files' },
  ]);
  await instance.client.servers.start('files');
  await until('the list again', async () => (await namesOf(reader)).length === 3);
});

it('takes a mistyped profile and a search for nothing for what they are', async () => {
  const unknown = await instance.cli<{ error: { message: string } }>(
    'profile',
    'show',
    'raeder',
    '--json',
  );
  expect(unknown).toMatchObject({ code: 1, json: { error: { code: 'UNKNOWN_PROFILE' } } });
  expect(unknown.json.error.message).toContain('Did you mean "reader"?');
  expect((await instance.cli('profile', 'show')).code).toBe(2);
  expect((await instance.cli('tools')).code).toBe(2);
  expect((await instance.cli('tools', '--search', 'zzzz', '--json')).json).toEqual([]);
  const [best] = (
    await instance.cli<{ tool: string }[]>('tools', 'files', '--search', 'move', '--json')
  ).json;
  expect(best).toMatchObject({ server: 'files', tool: 'move_file', name: 'files__move_file' });
});
