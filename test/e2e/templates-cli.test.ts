import { execFile } from 'node:child_process';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerEntry } from '../../src/offline/check-new-entry';
import { type ErrorReport } from '../../src/base/errors';
import { REPOSITORY } from './instance';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The command line as it was built, on a data directory without an instance. */
function run(...argv: string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const args = [path.join(REPOSITORY, 'bin/mainspring.js'), '--home', folder(), ...argv];
    execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

async function failure(...argv: string[]): Promise<ErrorReport & { exit: number | null }> {
  const { code, stdout } = await run('--json', ...argv);
  const { error } = JSON.parse(stdout) as { error: ErrorReport };
  return { ...error, exit: code };
}

async function dryRun(...argv: string[]): Promise<Record<string, ServerEntry>> {
  const { code, stdout } = await run('add', ...argv, '--dry-run', '--json');
  expect(code).toBe(0);
  return (JSON.parse(stdout) as { mcpServers: Record<string, ServerEntry> }).mcpServers;
}

const isThere = (name: string) =>
  stat(path.join(folder(), name)).then(
    () => true,
    () => false,
  );

describe('mainspring templates', () => {
  it('lists them, also by tag', async () => {
    const { code, stdout } = await run('templates');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Template +Tags +Description$/m);
    expect(stdout).toMatch(/^postgres +database, sql +Explores/m);
    expect(stdout).toMatch(/^puppeteer .*\(deprecated\)/m);
    const tagged = await run('templates', '--tag', 'browser', '--json');
    const { templates } = JSON.parse(tagged.stdout) as { templates: { name: string }[] };
    expect(templates.map(({ name }) => name)).toEqual(['playwright', 'puppeteer']);
    expect((await run('templates', '--tag', 'none')).stdout).toContain('Available tags: browser');
  });

  it('shows one with its parameters and the command that adds it', async () => {
    const { stdout } = await run('templates', 'slack');
    expect(stdout).toMatch(/^user-token +string, secret/m);
    expect(stdout).toContain('Requires one of: user-token, bot-token.');
    expect(stdout).toContain(
      "mainspring add --template slack --set user-token='${SLACK_MCP_XOXP_TOKEN}'",
    );
    expect(stdout).toContain('Tested with npm:slack-mcp-server');
  });

  it('names near ones for one that there is not', async () => {
    expect(await failure('templates', 'postgrse')).toMatchObject({
      code: 'UNKNOWN_TEMPLATE',
      message: expect.stringContaining('Did you mean "postgres"') as string,
      exit: 1,
    });
  });

  it('warns of a broken file of a user, and shows the others', async () => {
    await mkdir(path.join(folder(), 'templates'));
    await writeFile(path.join(folder(), 'templates/mine.json'), '{"name": "mine", "titel": 1}');
    const { code, stdout, stderr } = await run('templates');
    expect([code, stdout]).toEqual([0, expect.stringContaining('postgres')]);
    expect(stderr).toContain('mine.json:1: titel: unknown member');
    expect((await failure('templates', 'mine')).code).toBe('INVALID_CONFIG');
  });
});

describe('mainspring add --template', () => {
  it('makes an entry with the name of the template, and the other flags still work', async () => {
    expect(await dryRun('--template', 'time')).toEqual({
      time: {
        command: 'uvx',
        args: ['mcp-server-time'],
        validation: {
          calls: [{ tool: 'get_current_time', arguments: { timezone: 'UTC' }, expect: 'UTC' }],
        },
      },
    });
    const flags = ['--env', 'A=1', '--tag', 'x', '--cwd', '/tmp'];
    expect(await dryRun('clock', '--template', 'time', ...flags)).toMatchObject({
      clock: { command: 'uvx', env: { A: '1' }, tags: ['x'], cwd: '/tmp' },
    });
  });

  it('takes lists by repeating', async () => {
    const sets = ['--set', 'directories=/a', '--set', 'directories=/b'];
    const { filesystem } = await dryRun('--template', 'filesystem', ...sets);
    expect(filesystem?.args?.slice(2)).toEqual(['/a', '/b']);
  });

  it('shows no secret and writes none in a dry run', async () => {
    const { stdout } = await run(
      ...['add', '--template', 'github', '--set', 'token=planted-secret', '--dry-run'],
    );
    expect(stdout).toContain('"Authorization": "Bearer ${MCP_GITHUB_TOKEN}"');
    expect(stdout).not.toContain('planted-secret');
    expect(await isThere('secrets.env')).toBe(false);
    const kept = await dryRun('--template', 'github', '--set', 'token=${GITHUB_TOKEN}');
    expect(kept['github']?.headers?.['Authorization']).toBe('Bearer ${GITHUB_TOKEN}');
  });

  it('writes nothing when no instance runs', async () => {
    const sets = ['--set', 'token=planted-secret'];
    expect((await failure('add', '--template', 'github', ...sets)).code).toBe('NOT_RUNNING');
    expect(await isThere('secrets.env')).toBe(false);
  });

  it.each<[string[], string, number, string]>([
    [['--template', 'grafana'], 'INVALID_PARAMETER', 1, 'token: missing;'],
    [['--template', 'redis', '--set', 'prot=1'], 'INVALID_PARAMETER', 1, 'mean "port"'],
    [['--template', 'redis', '--set', 'port'], 'WRONG_USAGE', 2, '<key>=<value>'],
    [['x', '--template', 'time', '--', 'y'], 'WRONG_USAGE', 2, 'cannot be used with a command'],
    [['x', '--set', 'a=b'], 'WRONG_USAGE', 2, '--set can only be used with --template'],
    [['--url', 'http://x'], 'WRONG_USAGE', 2, 'needs a name'],
    [['--template', 'nothing-like-it'], 'UNKNOWN_TEMPLATE', 1, 'nothing-like-it'],
  ])('refuses %j with %s', async (argv, code, exit, message) => {
    expect(await failure('add', '--dry-run', ...argv)).toMatchObject({
      ...{ code, exit },
      message: expect.stringContaining(message) as string,
    });
  });

  it('names the flags when there is no terminal for questions', async () => {
    expect(await failure('add')).toMatchObject({
      code: 'WRONG_USAGE',
      exit: 2,
      fix: expect.stringContaining('--template <template> --set <key>=<value>') as string,
    });
  });
});

describe('mainspring suggest', () => {
  it('ranks templates with the reason, and says what nothing matched', async () => {
    const { code, stdout } = await run('suggest', 'review pull requests and brew espresso');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^github +pull requests → pull request, review/m);
    expect(stdout).toContain('No template matches "brew espresso".');
    const { stdout: json } = await run('suggest', 'query', 'databases', '--limit', '1', '--json');
    expect(JSON.parse(json)).toMatchObject({ intent: 'query databases', suggestions: [{}] });
    expect((await run('suggest', 'espresso')).stdout).toContain('No matching templates.');
  });
});

describe('mainspring agent', () => {
  it('refuses new servers off a terminal without --yes, showing what they would run', async () => {
    const file = path.join(folder(), 'agent.json');
    await writeFile(
      file,
      JSON.stringify({
        name: 'reviewer',
        mcp_servers: [{ name: 'mine', command: 'node', args: ['a b.js'], allowScripts: ['x'] }],
      }),
    );
    const { code, stderr } = await run('agent', 'add', file);
    expect(code).toBe(2);
    expect(stderr).toContain('node \'a b.js\'\n    allowScripts: ["x"]');
    expect(stderr).toContain('--yes');
    expect(await isThere('inventory.json')).toBe(false);
  });

  it('knows no agent at first', async () => {
    expect((await run('agent', 'list')).stdout).toContain('No agents yet');
    expect(await failure('agent', 'show', 'x')).toMatchObject({ code: 'UNKNOWN_PROFILE', exit: 1 });
    expect(await failure('agent', 'show')).toMatchObject({ code: 'WRONG_USAGE', exit: 2 });
    expect(await failure('agent', 'lst')).toMatchObject({ code: 'WRONG_USAGE', exit: 2 });
  });
});
