import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../src/offline/check-new-entry';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';

const SECRET = 'planted-secret-4711';
const ENTER = '\r';
const CLEAR_LINE = '\x15';
const CTRL_C = '\x03';
const DOWN = '\x1b[B';

const tiny: ServerEntry = { command: process.execPath, args: [fixture('tiny-server.js')] };

let instance: TestInstance;

beforeAll(async () => {
  instance = await startInstance();
  const folder = path.join(instance.home, 'templates');
  mkdirSync(folder);
  const parameters = [
    { name: 'token', type: 'string', help: 'Any.', required: true, secret: true, pattern: 'pl.+' },
    { name: 'mode', type: 'enum', help: 'Which.', options: ['works', 'breaks'], required: true },
    { name: 'label', type: 'string', help: 'Free.' },
  ];
  const entry = {
    command: process.execPath,
    args: [path.join(instance.folder, '${param:mode}.js')],
    env: { TOKEN: '${param:token}', LABEL: '${param:label}' },
  };
  writeFileSync(
    path.join(folder, 'tiny.json'),
    JSON.stringify({
      ...{ name: 'tiny', title: 'Tiny', description: 'A server for tests.', parameters },
      entry,
      validation: { calls: [{ tool: 'add', arguments: { a: 1, b: 2 } }] },
    }),
  );
  const server = `require(${JSON.stringify(fixture('tiny-server.js'))});`;
  writeFileSync(path.join(instance.folder, 'works.js'), server);
  writeFileSync(path.join(instance.folder, 'breaks.js'), 'process.exit(7);');
});

/** Answers the questions of a command in a real pseudo-terminal. */
async function inTerminal(args: string[], steps: [expected: string, keys: string][]) {
  const command = [process.execPath, path.join(REPOSITORY, 'bin/mainspring.js'), ...args];
  const child = spawn(
    'python3',
    [fixture('terminal.py'), JSON.stringify(steps), ...command, '--home', instance.home],
    { cwd: instance.folder, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  if (stderr) throw new Error(stderr);
  return JSON.parse(stdout) as { code: number; screen: string };
}

const names = async () => (await instance.client.servers.list()).map(({ name }) => name);
const secrets = () => {
  const file = path.join(instance.home, 'secrets.env');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

describe('mainspring add on a terminal', () => {
  it('asks for a template and its parameters, tries the server and keeps it', async () => {
    const { code, screen } = await inTerminal(
      ['add'],
      [
        ['What would you like to add?', 'tiny'],
        ['❯ Tiny (tiny)', ENTER],
        ['token: Any.', `wrong${ENTER}`],
        ['Expected something like /pl.+/, got a string.', CLEAR_LINE + SECRET + ENTER],
        ['mode: Which.', ENTER],
        ['Set optional parameters (label)?', ENTER],
        ['Server name?', ENTER],
        ['tiny is running with', ''],
        ['"TOKEN": "${MCP_TINY_TOKEN}"', ''],
        ['Add tiny?', ENTER],
        ['Added tiny.', ''],
      ],
    );
    expect(code).toBe(0);
    expect(screen).not.toContain(SECRET);
    expect(await instance.client.servers.get('tiny')).toMatchObject({ state: 'RUNNING' });
    expect(secrets()).toContain(`MCP_TINY_TOKEN=`);
    expect(secrets()).toContain(SECRET);
    expect(readFileSync(path.join(instance.home, 'inventory.json'), 'utf8')).not.toContain(SECRET);
    await instance.client.servers.remove('tiny');
  });

  it('lets the answers be changed when the server does not work, and drops it when told so', async () => {
    const { code, screen } = await inTerminal(
      ['add'],
      [
        ['What would you like to add?', 'tiny'],
        ['❯ Tiny (tiny)', ENTER],
        ['token: Any.', SECRET + ENTER],
        ['mode: Which.', DOWN + ENTER],
        ['Set optional parameters (label)?', ENTER],
        ['Server name?', `tiny2${ENTER}`],
        ['The server does not work yet:', ''],
        ['What would you like to do?', ENTER],
        ['token: Any. (leave empty to keep the current value)', ENTER],
        ['mode: Which.', ENTER],
        ['Set optional parameters (label)?', ENTER],
        ['Server name?', ENTER],
        ['The server does not work yet:', ''],
        ['What would you like to do?', DOWN + DOWN + ENTER],
        ['Nothing was added.', ''],
      ],
    );
    expect([code, screen]).toEqual([1, expect.not.stringContaining(SECRET)]);
    expect(await names()).toEqual([]);
    expect(secrets()).not.toContain('MCP_TINY2_TOKEN');
  });

  it('leaves nothing behind on Ctrl-C, also when the server runs already', async () => {
    const { code } = await inTerminal(
      ['add'],
      [
        ['What would you like to add?', 'a command'],
        ['❯ A command', ENTER],
        ['Command with its arguments?', `${process.execPath} ${fixture('tiny-server.js')}`],
        [fixture('tiny-server.js'), ENTER],
        ['Set environment, working directory or timeouts?', ENTER],
        ['Server name?', `half-made${ENTER}`],
        ['is running with', ''],
        ['Add half-made?', CTRL_C],
      ],
    );
    expect(code).toBe(130);
    expect(await names()).toEqual([]);
    // Nobody has seen it meanwhile either: neither a list nor a setup of everything.
    expect(await instance.client.events.list({ server: 'half-made' })).toEqual([]);
  });

  it('asks for what a server needs beside its command, which must be there', async () => {
    const { code, screen } = await inTerminal(
      ['add'],
      [
        ['What would you like to add?', 'a command'],
        ['❯ A command', ENTER],
        ['Command with its arguments?', `no-such-program-4711${ENTER}`],
        ['is not on PATH', `${CLEAR_LINE}${process.execPath} ${fixture('tiny-server.js')}`],
        [fixture('tiny-server.js'), ENTER],
        ['Set environment, working directory or timeouts?', `y${ENTER}`],
        ['Name of an environment variable?', `API_TOKEN${ENTER}`],
        ['Value of API_TOKEN?', SECRET + ENTER],
        ['Already set: API_TOKEN.', ENTER],
        ['Working directory?', ENTER],
        ['Start timeout?', `90s${ENTER}`],
        ['Call timeout?', ENTER],
        ['Server name?', `asked${ENTER}`],
        ['asked is running with', ''],
        ['"API_TOKEN": "${API_TOKEN}"', ''],
        ['"start": "90s"', ''],
        ['Add asked?', ENTER],
        ['Added asked.', ''],
      ],
    );
    expect([code, screen]).toEqual([0, expect.not.stringContaining(SECRET)]);
    expect(secrets()).toContain(`API_TOKEN=`);
    await instance.client.servers.remove('asked');
  });
});

describe('mainspring add --template', () => {
  it('puts secrets where only the host finds them, and forgets none of another server', async () => {
    const sets = ['--set', `token=${SECRET}`, '--set', 'mode=works'];
    const added = await instance.cli('add', 'one', '--template', 'tiny', ...sets, '--json');
    expect([added.code, added.stdout]).toEqual([0, expect.not.stringContaining(SECRET)]);
    const before = secrets();
    const other = ['--set', 'token=planted-other', '--set', 'mode=works'];
    const again = await instance.cli('add', 'one', '--template', 'tiny', ...other, '--json');
    expect(again).toMatchObject({ code: 1, json: { error: { code: 'NAME_TAKEN' } } });
    expect(secrets()).toBe(before);
    const called = await instance.client.callTool('one', 'add', { a: 1, b: 2 });
    expect(called.outcome).toBe('ok');
    await instance.client.servers.remove('one');
  });
});

describe('mainspring agent', () => {
  const write = (name: string, content: unknown) => {
    const file = path.join(instance.folder, name);
    writeFileSync(file, JSON.stringify(content));
    return file;
  };

  it('adds the new servers of an agent, starts what it wants, and reports what is unknown', async () => {
    write('mcp_servers.json', { mcpServers: { legacy: tiny } });
    const file = write('agent.json', {
      name: 'reviewer',
      system_prompt: 'Review.',
      mcp_servers: [{ name: 'own', auto_start: true, ...tiny }, 'legacy', 'legcy'],
    });
    const attached = await instance.cli('agent', 'add', file, '--yes', '--json');
    expect(attached).toMatchObject({
      code: 1,
      json: {
        ...{ agent: 'reviewer', servers: ['own', 'legacy'], added: ['own', 'legacy'] },
        ...{ started: ['own'], failed: [] },
        unknown: [{ name: 'legcy', suggestions: [] }],
      },
    });
    expect(await instance.client.servers.get('own')).toMatchObject({ state: 'RUNNING' });
    expect(await instance.client.servers.get('legacy')).toMatchObject({ state: 'STOPPED' });
    const again = await instance.cli<{ unknown: unknown }>('agent', 'add', file, '--json');
    expect(again.json).toMatchObject({
      ...{ added: [], started: [], failed: [] }, // it runs already
      unknown: [{ name: 'legcy', suggestions: ['legacy'] }],
    });
    const { origin } = await instance.client.servers.get('legacy');
    expect(origin).toMatch(/mcp_servers\.json$/);
    const typo = write('typo.json', { name: 'typo', mcp_servers: ['own'], tools: ['ehco'] });
    const warned = await instance.cli<{ warnings: string[] }>('agent', 'add', typo, '--json');
    expect(warned.json.warnings).toEqual([
      'tools: no server of this profile has a tool "ehco"; did you mean "echo"?',
    ]);
    await instance.cli('agent', 'remove', 'typo');
  });

  it('shows and removes it; its servers stay', async () => {
    const shown = await instance.cli('agent', 'show', 'reviewer', '--json');
    expect(shown.json).toEqual({
      ...{ name: 'reviewer', servers: ['own', 'legacy'], systemPrompt: 'Review.' },
    });
    expect((await instance.cli('agent', 'list')).stdout).toMatch(/^reviewer +own, legacy +all$/m);
    expect((await instance.cli('agent', 'remove', 'reviewer')).code).toBe(0);
    expect((await instance.cli('agent', 'list', '--json')).json).toEqual({});
    expect(await names()).toEqual(['legacy', 'own']);
  });

  it('asks on a terminal, and adds nothing without a yes', async () => {
    const file = write('other.json', {
      ...{ name: 'other', mcp_servers: [{ name: 'new', ...tiny }] },
    });
    const { code, screen } = await inTerminal(
      ['agent', 'add', file],
      [
        ['tiny-server.js', ''],
        ['Add these servers?', ENTER],
        ['Nothing was changed.', ''],
      ],
    );
    expect([code, screen]).toEqual([1, expect.stringContaining(process.execPath)]);
    expect(await names()).toEqual(['legacy', 'own']);
  });
});
