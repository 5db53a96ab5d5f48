import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readInstance } from '../../src/offline/instance';
import { type Finding } from '../../src/doctor/finding';
import { fixture, startInstance, type TestInstance } from './instance';

/** No secrets, although references stand for them; `KIND` counts as one, and is the name of a member. */
const SETTINGS = { FLAG: 'true', PORT: '8080', MODE: 'name', KIND: 'description' };
const TOKEN = 'planted-token-31af77';
const PIN = '4711';
const NOTE = 'buy milk';

let folder: string;
let instance: TestInstance;
let client: Client;

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-e2e-'));
  const home = path.join(folder, 'home');
  const notes = path.join(folder, 'notes');
  mkdirSync(home, { mode: 0o700 });
  mkdirSync(notes);
  writeFileSync(path.join(notes, 'todo.md'), NOTE);
  const values = { ...SETTINGS, FOLDER: notes, TOKEN, PIN };
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(path.join(home, 'secrets.env'), lines.join(''), { mode: 0o600 });
  const names = Object.keys({ ...SETTINGS, FOLDER: '', TOKEN });
  const config = path.join(folder, 'servers.json');
  const settings = {
    command: process.execPath,
    args: [fixture('settings-server.js')],
    env: {
      ...Object.fromEntries(names.map((name) => [name, `\${${name}}`])),
      PIN: { value: '${PIN}', secret: true },
    },
  };
  const refusing = (method: string) => ({
    ...settings,
    env: { ...settings.env, REFUSE: method },
    ...{ protocol: 'legacy', restart: { policy: 'never' } },
  });
  const shut = refusing('initialize');
  const silent = refusing('tools/list');
  writeFileSync(config, JSON.stringify({ mcpServers: { settings, shut, silent } }));
  instance = await startInstance({ home, config, gateway: true });
  const { apiUrl } = (await readInstance(home)) ?? {};
  client = new Client({ name: 'test', version: '1' });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${apiUrl}/mcp/s/settings`)));
});

afterAll(async () => {
  await client.close();
  rmSync(folder, { recursive: true, force: true });
});

it('starts a server whose values stand in its own messages', async () => {
  expect(await instance.client.servers.get('settings')).toMatchObject({ state: 'RUNNING' });
  expect(client.getServerCapabilities()).toMatchObject({
    tools: { listChanged: true },
    experimental: { ports: { number: 8080, description: 'with ***' } },
  });
});

it('lists a resource whose URI has a folder in it, and reads it', async () => {
  const { resources } = await client.listResources();
  const uri = `file://${folder}/notes/todo.md`;
  const listed = { uri, name: 'todo', mimeType: 'description', size: 8080 };
  expect(resources).toEqual([{ ...listed, description: 'with ***' }]);
  const { contents } = await client.readResource({ uri });
  expect(contents).toEqual([{ uri, mimeType: 'text/markdown', text: NOTE }]);
  const { resourceTemplates } = await client.listResourceTemplates();
  expect(resourceTemplates).toEqual([
    { uriTemplate: `file://${folder}/notes/{name}`, name: 'file' },
  ]);
});

it('calls a tool, and gets a prompt, by names and values that count as secrets', async () => {
  const [tool] = (await client.listTools()).tools;
  expect(tool).toMatchObject({
    name: 'description',
    inputSchema: {
      properties: {
        name: { type: 'string', description: 'how' },
        kind: { enum: ['description', 'other'], default: 'description' },
        port: { const: 8080 },
      },
    },
  });
  const called = await client.callTool({
    name: 'description',
    arguments: { kind: 'description', port: 8080 },
  });
  expect(called).toMatchObject({
    content: [{ type: 'text', text: 'as description' }],
    structuredContent: { kind: 'description', port: 8080, isOpen: true },
  });
  const { prompts } = await client.listPrompts();
  expect(prompts).toEqual([
    {
      name: 'description',
      description: 'with ***',
      arguments: [{ name: 'description', required: true }],
    },
  ]);
  const got = await client.getPrompt({ name: 'description', arguments: { description: 'x' } });
  expect(got.messages).toMatchObject([{ content: { text: 'description: x' } }]);
});

it('masks what is secret in instructions, errors and logs, and leaves the rest readable', async () => {
  const instructions = `Files are in ${folder}/notes, on port 8080; true: the token is ***.`;
  expect(client.getInstructions()).toBe(instructions);
  const refused = client.callTool({ name: 'description', arguments: { kind: 'other' } });
  await expect(refused).rejects.toMatchObject({
    code: -32000,
    data: { uri: `file://${folder}/notes/todo.md`, TOKEN: '***' },
  });
  const { stdout } = await instance.cli('logs', 'settings');
  expect(stdout).toContain(`flag true, port 8080, folder ${folder}/notes; token ***, pin ***`);
});

it.each(['shut', 'silent'])('masks why the server "%s" does not start', async (name) => {
  const { state, error } = await instance.client.servers.get(name);
  expect(state).toBe('ERROR');
  expect(error?.message).toContain('not with ***');
  const { stdout } = await instance.cli('events', '--json');
  expect(stdout).toContain('not with ***');
  expect(stdout).not.toContain(TOKEN);
});

it('names in doctor what is not masked, and says how to have it masked, without a value', async () => {
  const { json, stdout } = await instance.cli<{ findings: Finding[] }>(
    'doctor',
    'settings',
    '--json',
  );
  const finding = json.findings.find(({ id }) => id === 'unmasked:settings');
  expect(finding).toMatchObject({ status: 'ok' });
  expect(finding?.found).toContain('${FLAG} in env.FLAG (a boolean)');
  expect(finding?.found).toContain('${PORT} in env.PORT (a number)');
  expect(finding?.found).toContain('${MODE} in env.MODE (shorter than 6 characters)');
  expect(finding?.found).toContain('${FOLDER} in env.FOLDER (a path)');
  expect(finding?.found).not.toContain('PIN');
  expect(finding?.fix).toContain('"secret": true');
  for (const value of [TOKEN, PIN, `${folder}/notes`]) expect(stdout).not.toContain(value);
});
