import { runCli } from '../../src/cli/cli';
import { COMMANDS } from '../../src/cli/commands';

const names = Object.keys(COMMANDS);

async function run(...argv: string[]) {
  const written = { stdout: '', stderr: '' };
  const capture = (stream: 'stdout' | 'stderr') =>
    jest.spyOn(process[stream], 'write').mockImplementation((text) => {
      written[stream] += String(text);
      return true;
    });
  const spies = [capture('stdout'), capture('stderr')];
  try {
    return { code: await runCli(argv), ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

describe('help', () => {
  it.each(names)('of %s has an example', async (name) => {
    const { code, stdout, stderr } = await run(name, '--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`Usage: mainspring ${name}`);
    expect(stdout).toContain(`Example:\n  $ mainspring ${name}`);
    expect((await run('help', name)).stdout).toBe(stdout);
  });

  it('lists every command', async () => {
    const { stdout } = await run('--help');
    for (const name of names) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    expect((await run('help')).stdout).toBe(stdout);
  });

  it('is one document with --json, and so is the version', async () => {
    expect(JSON.parse((await run('list', '--help', '--json')).stdout)).toEqual({
      help: expect.stringContaining('Usage: mainspring list') as string,
    });
    expect(JSON.parse((await run('--version', '--json')).stdout)).toEqual({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string,
    });
  });
});

describe('wrong usage', () => {
  it.each([
    [['strat'], 'Did you mean "start"?'],
    [['help', 'strat'], 'Did you mean "start"?'],
    [['strat', 'files', '--wait'], 'Did you mean "start"?'],
    [['ls', '--all'], 'Did you mean "list"?'],
    [['--jsn', 'list'], 'Unknown option \'--jsn\' (did you mean "--json"?)'],
    [['list', '--jsn'], '--jsn'],
    [['list', 'surplus'], 'Too many arguments'],
    [['start'], 'Expected server names, --all or --tag'],
    [['start', 'x', '--timeout', '1s'], '--timeout'],
    [['calls', '--limit', 'many'], 'Expected a whole number'],
    [['list', '--state', 'asleep'], 'Allowed choices are STOPPED, INSTALLING'],
    [['call', 'a', 'b', '--timeout', 'soon'], '--timeout'],
    [['call', '--batch', 'f', '--parallel', '0'], 'Expected at least 1'],
    [['call', '--batch', 'f', '--async'], 'cannot be used with'],
    [['events', '--clear', '--follow'], 'cannot be used with'],
    [['add', 'x', '--env', 'A'], 'NAME=value'],
    [['add', 'x', '--type', 'pigeon'], 'Allowed choices'],
  ])('%j ends with 2 and one document', async (argv, part) => {
    const { code, stdout, stderr } = await run(...argv, '--json');
    expect([code, stderr]).toEqual([2, '']);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'WRONG_USAGE',
        message: expect.stringContaining(part) as string,
        fix: expect.stringContaining('--help') as string,
      },
    });
    const plain = await run(...argv);
    expect([plain.code, plain.stdout]).toEqual([2, '']);
    expect(plain.stderr).toMatch(/^Error \[WRONG_USAGE\] .*\n/);
  });

  it('is told as text when --json belongs to the program after --', async () => {
    const { stdout, stderr } = await run('add', '--nope', 'x', '--', 'program', '--json');
    expect(stdout).toBe('');
    expect(stderr).toContain('--nope');
  });
});
