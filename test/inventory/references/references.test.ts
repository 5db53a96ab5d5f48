import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerEntry } from '../../../src/inventory/config/config-schema';
import { specOf } from '../../../src/inventory/normalise';
import { listReferences, resolveReferences } from '../../../src/inventory/references/references';
import { useTemporaryFolder } from '../../temporary-folder';

const folder = useTemporaryFolder();
const spec = (entry: ServerEntry) => specOf('github', { entry, baseDir: folder() });

it('resolves variables in every field, and reports the secrets among them', async () => {
  const resolved = await resolveReferences(
    spec({
      command: '${BIN}',
      args: ['--key=${KEY}', '${KEY}${OTHER}'],
      env: { TOKEN: 'Bearer ${KEY}' },
      cwd: '${DIR}/sub',
      url: 'http://${HOST:-localhost}/mcp',
      headers: { 'X-Key': '${KEY}' },
    }),
    { BIN: 'nodejs', KEY: 'key-1', OTHER: 'other-1', DIR: '/d' },
  );
  expect(resolved).toEqual({
    process: {
      command: 'nodejs',
      args: ['--key=key-1', 'key-1other-1'],
      env: { TOKEN: 'Bearer key-1' },
      cwd: '/d/sub',
    },
    remote: { url: 'http://localhost/mcp', headers: { 'X-Key': 'key-1' } },
    secrets: ['nodejs', 'other-1'],
    unmasked: [
      { reference: '${KEY}', field: 'args[0]', reason: 'short' },
      { reference: '${KEY}', field: 'args[1]', reason: 'short' },
      { reference: '${KEY}', field: 'env.TOKEN', reason: 'short' },
      { reference: '${DIR}', field: 'cwd', reason: 'path' },
      { reference: '${KEY}', field: 'headers.X-Key', reason: 'short' },
    ],
  });
});

it('does not mask variables that everyone on the host knows', async () => {
  const entry = { command: 'x', args: ['${userHome}/notes', '${USER}', '${KEY}'] };
  const resolved = await resolveReferences(spec(entry), {
    ...{ HOME: '/home/me', USER: 'me-myself', KEY: 'key-one' },
  });
  expect(resolved.process?.args).toEqual(['/home/me/notes', 'me-myself', 'key-one']);
  expect(resolved).toMatchObject({ secrets: ['key-one'], unmasked: [] });
});

describe('masked values', () => {
  const judged = async (entry: Partial<ServerEntry>, env: Record<string, string> = {}) => {
    const { secrets, unmasked } = await resolveReferences(spec({ command: 'x', ...entry }), env);
    return { secrets, unmasked };
  };

  it('include values named like a secret, without their scheme', async () => {
    const entry = {
      env: { API_KEY: 'literal-key', LEVEL: 'verbose', PIN_TOKEN: '47110815' },
      url: 'http://localhost/',
      headers: { Authorization: 'Bearer literal-token', 'X-Password': 'a${A}${B}' },
    };
    expect(await judged(entry, { A: 'bcd', B: 'efg' })).toEqual({
      secrets: ['literal-key', 'literal-token', 'abcdefg'],
      unmasked: [
        { field: 'env.PIN_TOKEN', reason: 'number' },
        { reference: '${A}', field: 'headers.X-Password', reason: 'short' },
        { reference: '${B}', field: 'headers.X-Password', reason: 'short' },
      ],
    });
  });

  it('include marked values, wherever they occur', async () => {
    const marked = (value: string) => ({ value, secret: true as const });
    const entry = {
      args: ['--pin=${PIN}', '--flag=${FLAG}'],
      env: { PIN: marked('${PIN}'), HOME: marked('${HOME}'), MODE: marked('${MODE:-dev}') },
    };
    expect(await judged(entry, { PIN: '4711', FLAG: 'true', HOME: '/home/me' })).toEqual({
      secrets: ['4711', '/home/me', 'dev'],
      unmasked: [{ reference: '${FLAG}', field: 'args[1]', reason: 'boolean' }],
    });
  });

  it('include values of password inputs', async () => {
    const inputs = [{ id: 'pin', password: true }, { id: 'port' }];
    const args = ['${input:pin}', '${input:port}'];
    expect(await judged({ args, inputs }, { PIN: '4711', PORT: '8080' })).toEqual({
      secrets: ['4711'],
      unmasked: [{ reference: '${input:port}', field: 'args[1]', reason: 'number' }],
    });
  });

  it('include secrets from the envFile', async () => {
    await writeFile(path.join(folder(), 'own.env'), 'KEY=planted-key\nPORT=8080\n');
    expect(await judged({ envFile: 'own.env' })).toEqual({
      secrets: ['planted-key'],
      unmasked: [{ reference: 'PORT', field: 'envFile', reason: 'number' }],
    });
  });
});

it('does not change other text', async () => {
  const args = ['$HOME', '${', '${a-b}', '$${X:-1}', '{A}', '${}'];
  const resolved = await resolveReferences(spec({ command: 'x', args }), {});
  expect(resolved.process?.args).toEqual(['$HOME', '${', '${a-b}', '$1', '{A}', '${}']);
  expect(resolved.secrets).toEqual([]);
});

it('does not resolve references inside values', async () => {
  const env = { A: '${B} $& $1', B: 'b' };
  const resolved = await resolveReferences(spec({ command: 'x', args: ['${A}'] }), env);
  expect(resolved.process?.args).toEqual(['${B} $& $1']);
});

it('uses a default for a variable that is unset or empty', async () => {
  const args = ['${A:-a b}', '${B:-b}', '${C:-}', '${B}'];
  const resolved = await resolveReferences(spec({ command: 'x', args }), { B: '' });
  expect(resolved.process?.args).toEqual(['a b', 'b', '', '']);
});

it('names all unset variables with their fields, and shows no value of any other', async () => {
  const resolving = resolveReferences(
    spec({ command: 'x', args: ['${SET}', '${MISSING_ONE}'], env: { K: '${MISSING_TWO}' } }),
    { SET: 'visible-value' },
  );
  await expect(resolving).rejects.toMatchObject({
    code: 'VARIABLE_UNSET',
    message:
      'Variables not set for server "github": MISSING_ONE (in args[1]), MISSING_TWO (in env.K).',
    fix: expect.stringMatching(
      /^Add MISSING_ONE=…, MISSING_TWO=… to the \.env .* secrets\.env .* exported .* \$\{MISSING_ONE:-value\}\.$/,
    ) as string,
  });
});

it('reads files without their trailing newline', async () => {
  await writeFile(path.join(folder(), 'key.txt'), 'line 1\nline 2\n\n');
  const resolved = await resolveReferences(
    spec({ command: 'x', env: { A: '${file:key.txt}', B: '${file:./key.txt}' } }),
    {},
  );
  expect(resolved.process?.env).toEqual({ A: 'line 1\nline 2\n', B: 'line 1\nline 2\n' });
  expect(resolved.secrets).toEqual(['line 1\nline 2\n']);
});

it('names a file that cannot be read, and its field', async () => {
  const resolving = resolveReferences(spec({ command: 'x', args: ['${file:nowhere}'] }), {});
  await expect(resolving).rejects.toMatchObject({
    code: 'FILE_NOT_FOUND',
    message: `Server "github" refers to ${folder()}/nowhere in args[0], which cannot be read.`,
  });
});

it('lists the references of a spec', () => {
  const entry = { command: 'x', args: ['${A}-${B:-c}'], env: { K: '${file:/k}' } };
  expect(listReferences(spec(entry))).toEqual([
    { kind: 'variable', field: 'args[0]', name: 'A' },
    { kind: 'variable', field: 'args[0]', name: 'B', fallback: 'c' },
    { kind: 'file', field: 'env.K', path: '/k' },
  ]);
});
