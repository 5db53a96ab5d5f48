import { chmod, mkdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerEntry } from '../../../src/inventory/config/config-schema';
import { envLine, variablesIn } from '../../../src/inventory/references/env-text';
import { specOf } from '../../../src/inventory/normalise';
import { resolveReferences, variableNameOf } from '../../../src/inventory/references/references';
import {
  readSecrets,
  removeSecret,
  secretsFile,
  writeSecret,
} from '../../../src/inventory/references/secrets-file';
import { lookUpVariables } from '../../../src/inventory/references/variables';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();

const specFromFile = (entry: ServerEntry) =>
  specOf('github', {
    entry,
    baseDir: folder(),
    origin: { file: path.join(folder(), 'servers.json') },
  });

async function resolved(entry: ServerEntry, hostEnv: Record<string, string> = {}) {
  const spec = specFromFile(entry);
  return resolveReferences(spec, await lookUpVariables(spec, hostEnv, folder()));
}

describe('resolving references', () => {
  it('searches the environment, the envFile, the .env beside the config, and the secrets, in this order', async () => {
    await writeFile(path.join(folder(), 'own.env'), 'A=envFile\nB=envFile\n');
    await writeFile(path.join(folder(), '.env'), 'A=dot\nB=dot\nC="dot env"\n');
    for (const name of ['A', 'B', 'C', 'D']) await writeSecret(folder(), name, `secret-${name}`);
    const { process, secrets } = await resolved(
      { command: 'x', args: ['${A}', '${B}', '${C}', '${D}'], envFile: 'own.env' },
      { A: 'of host' },
    );
    const values = ['of host', 'envFile', 'dot env', 'secret-D'];
    expect(process?.args).toEqual(values);
    expect(secrets).toEqual(expect.arrayContaining(values));
  });

  it('reads the files again at every start', async () => {
    const entry = { command: 'x', args: ['${A}'] };
    await writeFile(path.join(folder(), '.env'), 'A=1\n');
    expect((await resolved(entry)).process?.args).toEqual(['1']);
    await writeFile(path.join(folder(), '.env'), 'A=2\n');
    expect((await resolved(entry)).process?.args).toEqual(['2']);
  });

  it('supports the syntax of editors', async () => {
    const { process } = await resolved(
      { command: 'x', args: ['${env:A}', '${userHome}', '${workspaceFolder}/b', '${/}'] },
      { A: 'a', HOME: '/h' },
    );
    expect(process?.args).toEqual(['a', '/h', `${folder()}/b`, '/']);
  });

  it('supports names of built-in object members', async () => {
    await expect(resolved({ command: 'x', args: ['${constructor}'] })).rejects.toMatchObject({
      code: 'VARIABLE_UNSET',
    });
  });

  it('also resolves references of an installed program', async () => {
    const spec = specFromFile({ command: 'x', args: ['${NOT_NEEDED}'] });
    if (spec.type !== 'stdio') throw new Error('not stdio');
    const program = {
      source: { method: 'mcpb' as const, file: '/a.mcpb' },
      args: ['${A}'],
      userConfig: { key: '${K}', list: ['${A}', 'b'] },
      allowScripts: [],
    };
    const { process, secrets } = await resolveReferences(
      { ...spec, process: { ...spec.process, program } },
      { A: 'answer-a', K: 'answer-k' },
    );
    expect(process?.program).toEqual({
      ...program,
      args: ['answer-a'],
      userConfig: { key: 'answer-k', list: ['answer-a', 'b'] },
    });
    expect([...secrets].sort()).toEqual(['answer-a', 'answer-k']);
  });
});

describe('inputs of VS Code', () => {
  const inputs = [
    { id: 'github-token', description: 'GitHub token' },
    { id: 'level', default: 'info' },
  ];
  const entry = { command: 'x', args: ['${input:github-token}', '${input:level}'], inputs };

  it.each([
    [{ GITHUB_TOKEN: 't' }, ['t', 'info']],
    [{ 'github-token': 't', LEVEL: 'debug' }, ['t', 'debug']],
  ])('are resolved by %j', async (env, args) => {
    expect((await resolved(entry, env)).process?.args).toEqual(args);
  });

  it('are reported with their description when no variable is set', async () => {
    await expect(resolved(entry)).rejects.toMatchObject({
      code: 'VARIABLE_UNSET',
      message: 'Variable not set for server "github": GITHUB_TOKEN (in args[0]: GitHub token).',
    });
  });

  it.each([
    ['github-token', 'GITHUB_TOKEN'],
    ['apiKey', 'API_KEY'],
    ['perplexity.key 2', 'PERPLEXITY_KEY_2'],
    ['A', 'A'],
  ])('%s is the variable %s', (id, name) => {
    expect(variableNameOf(id)).toBe(name);
  });
});

describe('an envFile', () => {
  it('is passed to the program; env takes precedence', async () => {
    await writeFile(path.join(folder(), 'own.env'), 'A=from-file\nB=from-file\n');
    const { process, secrets } = await resolved({
      command: 'x',
      env: { B: 'own' },
      envFile: 'own.env',
    });
    expect(process?.env).toEqual({ A: 'from-file', B: 'own' });
    expect(secrets).toContain('from-file');
  });

  it('must exist', async () => {
    await expect(resolved({ command: 'x', envFile: 'nowhere.env' })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
      message: expect.stringContaining('nowhere.env') as string,
    });
  });
});

describe('a spec', () => {
  const dotEnv = () => path.join(folder(), '.env');

  it('changes with the .env beside its config, without containing its values', async () => {
    await writeFile(dotEnv(), 'TOKEN=planted-1\n');
    const before = specFromFile({ command: 'x', args: ['${TOKEN}'] });
    expect(before.envFiles).toEqual([dotEnv()]);
    await writeFile(dotEnv(), 'TOKEN=planted-2\n');
    await utimes(dotEnv(), 1, 1);
    const after = specFromFile({ command: 'x', args: ['${TOKEN}'] });
    expect(after.envVersion).not.toBe(before.envVersion);
    expect(JSON.stringify([before, after])).not.toContain('planted');
  });

  it('does not change without references, or without a config file', async () => {
    await writeFile(dotEnv(), 'TOKEN=x\n');
    expect(specFromFile({ command: 'x' })).not.toHaveProperty('envFiles');
    const entry = { command: 'x', args: ['${TOKEN}'] };
    expect(specOf('a', { entry, baseDir: folder(), origin: 'cli' })).not.toHaveProperty('envFiles');
  });

  it('contains the validation settings', () => {
    const validation = { calls: [{ tool: 't' }], credential: 'TOKEN' };
    expect(specFromFile({ command: 'x', validation }).validation).toEqual({
      calls: [{ tool: 't', arguments: {} }],
      credential: 'TOKEN',
    });
  });
});

describe('secrets.env', () => {
  it('preserves every value, in a file that only its user can access', async () => {
    const values = {
      PLAIN: 'abc',
      SPACES: ' a  b ',
      QUOTES: `it's "x"`,
      LINES: 'a\nb\\nc',
      HASH: 'a#b=c$d',
      EMPTY: '',
    };
    for (const [name, value] of Object.entries(values)) await writeSecret(folder(), name, value);
    expect(await readSecrets(folder())).toEqual(values);
    expect((await stat(secretsFile(folder()))).mode & 0o777).toBe(0o600);
    await removeSecret(folder(), 'LINES');
    await removeSecret(folder(), 'NEVER');
    const { LINES: _lines, ...rest } = values;
    expect(await readSecrets(folder())).toEqual(rest);
  });

  it('loses nothing in concurrent writes', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `N${index}`);
    await Promise.all(names.map((name) => writeSecret(folder(), name, name)));
    expect(Object.keys(await readSecrets(folder())).sort()).toEqual([...names].sort());
  });

  it('restores private permissions', async () => {
    await writeFile(secretsFile(folder()), 'A=1\n');
    await chmod(secretsFile(folder()), 0o644);
    await writeSecret(folder(), 'B', '2');
    expect((await stat(secretsFile(folder()))).mode & 0o777).toBe(0o600);
    expect(await readSecrets(folder())).toEqual({ A: '1', B: '2' });
  });

  it('refuses values it cannot contain, without showing them', async () => {
    await expect(writeSecret(folder(), 'a-b', 'x')).rejects.toMatchObject({
      code: 'INVALID_PARAMETER',
    });
    const odd = `'"\`geheim`;
    await expect(writeSecret(folder(), 'A', odd)).rejects.toThrow('three kinds of quotes');
    await expect(writeSecret(folder(), 'A', odd)).rejects.not.toThrow('geheim');
    await expect(readFile(secretsFile(folder()))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is read even if another env file is not a file', async () => {
    await mkdir(path.join(folder(), 'dir.env'));
    const files = ['dir.env', 'nowhere.env'].map((name) => path.join(folder(), name));
    expect(await lookUpVariables({ envFiles: files }, { A: '1' }, folder())).toEqual({ A: '1' });
  });
});

it('reads and writes the text of .env files', () => {
  expect(variablesIn('\uFEFFA=1\n# c\nexport B="x y"\n')).toEqual({ A: '1', B: 'x y' });
  expect(envLine('A', "it's")).toBe('A="it\'s"');
  expect(envLine('A', `'"\``)).toBeUndefined();
});
