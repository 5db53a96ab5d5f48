import os from 'node:os';
import { isGroupAlive } from '../../src/process/group-liveness';
import { createRunTool } from '../../src/programs/run-tool';
import { type ToolRun } from '../../src/programs/installer';

const gone: number[] = [];
const log: string[] = [];
const cancel = new AbortController();

const runTool = createRunTool(
  { env: process.env, onSpawn: () => undefined, onGone: (pgid) => gone.push(pgid) },
  { signal: cancel.signal, onStep: () => undefined, log: (line) => log.push(line) },
);
const shell = (script: string, more: Partial<ToolRun> = {}) =>
  runTool({ command: 'sh', args: ['-c', script], cwd: os.tmpdir(), ...more });

beforeEach(() => {
  gone.length = 0;
  log.length = 0;
});

it('returns the output of a tool, and logs it unless it is quiet', async () => {
  expect(await shell('echo out; echo err >&2')).toBe('out\n');
  expect(log).toEqual(expect.arrayContaining(['out', 'err']));
  log.length = 0;
  expect(await shell('echo out; echo err >&2', { quiet: true })).toBe('out\n');
  expect(log).not.toContain('out');
});

it('leaves no process of a tool behind', async () => {
  await shell('sleep 600 & echo started');
  expect(gone).toHaveLength(1);
  expect(gone.map(isGroupAlive)).toEqual([false]);
});

it('reports the last output of a failed tool', async () => {
  const script = 'for i in $(seq 1000); do echo line $i; done; exit 3';
  await expect(shell(script)).rejects.toMatchObject({
    code: 'INSTALL_FAILED',
    message: expect.stringMatching(/^sh exited with code 3\n(line \d+\n)+line 1000$/) as string,
  });
  const rules = [{ pattern: /line 1000/, code: 'VERSION_NOT_FOUND' as const }];
  await expect(shell(script, { rules })).rejects.toMatchObject({ code: 'VERSION_NOT_FOUND' });
});

it('reports a missing tool', async () => {
  await expect(shell('', { command: 'mainspring-no-such-tool' })).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
  });
});

it('does not start a cancelled run', async () => {
  cancel.abort(new Error('enough'));
  await expect(shell('echo out')).rejects.toThrow('enough');
  expect(log).toEqual([]);
});
