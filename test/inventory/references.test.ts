import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config-schema';
import { specOf } from '../../src/inventory/normalise';
import { listReferences, resolveReferences } from '../../src/inventory/references';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const spec = (entry: ServerEntry) => specOf('github', { entry, baseDir: folder() });

it('fills in variables in every field, and names what came from them', async () => {
  const resolved = await resolveReferences(
    spec({
      command: '${BIN}',
      args: ['--key=${KEY}', '${KEY}${OTHER}'],
      env: { TOKEN: 'Bearer ${KEY}' },
      cwd: '${DIR}/sub',
      url: 'http://${HOST:-localhost}/mcp',
      headers: { 'X-Key': '${KEY}' },
    }),
    { BIN: 'node', KEY: 'k1', OTHER: 'o1', DIR: '/d' },
  );
  expect(resolved).toEqual({
    process: {
      command: 'node',
      args: ['--key=k1', 'k1o1'],
      env: { TOKEN: 'Bearer k1' },
      cwd: '/d/sub',
    },
    remote: { url: 'http://localhost/mcp', headers: { 'X-Key': 'k1' } },
    secrets: ['node', 'k1', 'o1', '/d'],
  });
});

it('takes no secret for what everybody on the host knows', async () => {
  const entry = { command: 'x', args: ['${userHome}/notes', '${USER}', '${KEY}'] };
  const resolved = await resolveReferences(spec(entry), { HOME: '/home/me', USER: 'me', KEY: 'k' });
  expect(resolved.process?.args).toEqual(['/home/me/notes', 'me', 'k']);
  expect(resolved.secrets).toEqual(['k']);
});

it('leaves everything else alone', async () => {
  const args = ['$HOME', '${', '${a-b}', '$${X:-1}', '{A}', '${}'];
  const resolved = await resolveReferences(spec({ command: 'x', args }), {});
  expect(resolved.process?.args).toEqual(['$HOME', '${', '${a-b}', '$1', '{A}', '${}']);
  expect(resolved.secrets).toEqual([]);
});

it('does not resolve what a value contains', async () => {
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
      'Variables that are not set for server "github": MISSING_ONE (in args[1]), MISSING_TWO (in env.K).',
  });
});

it('reads files, without the newline at their end', async () => {
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
