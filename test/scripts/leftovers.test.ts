import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const script = path.resolve(__dirname, '../../scripts/leftovers.js');

/** What `npm test` does at its end, in a process of its own. */
async function check(folder: string): Promise<string[]> {
  const code = `require(${JSON.stringify(script)})
    .removeLeftovers(${JSON.stringify(folder)}, { graceMs: 500 })
    .then((lines) => console.log(JSON.stringify(lines)))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', code]);
  return JSON.parse(stdout) as string[];
}

const newFolder = () => mkdtemp(path.join(os.tmpdir(), 'leftovers-'));

/** A process as a forgotten MCP server: in a session of its own, with little in its environment. */
async function forgotten(
  seconds: string,
  env: NodeJS.ProcessEnv,
  cwd = '/',
): Promise<ChildProcess> {
  const child = spawn('sleep', [seconds], { env, cwd, detached: true, stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

test('an empty folder that nobody uses is removed, and nothing is reported', async () => {
  const folder = await newFolder();
  expect(await check(folder)).toEqual([]);
  expect(existsSync(folder)).toBe(false);
});

test.each([
  ['inherited the folder as TMPDIR', (folder: string) => forgotten('60', { TMPDIR: folder })],
  ['works in the folder', (folder: string) => forgotten('60', {}, folder)],
])('a process that %s is reported and killed', async (_title, start) => {
  const folder = await newFolder();
  const child = await start(folder);
  const exited = once(child, 'exit');
  expect(await check(folder)).toEqual([`process ${child.pid}: sleep 60`]);
  expect(await exited).toEqual([null, 'SIGKILL']);
});

test('a process that ends by itself in time is fine', async () => {
  const folder = await newFolder();
  await forgotten('0.2', { TMPDIR: folder });
  expect(await check(folder)).toEqual([]);
});

test('a process with another folder of a similar name is left alone', async () => {
  const folder = await newFolder();
  const child = await forgotten('60', { TMPDIR: `${folder}x` });
  try {
    expect(await check(folder)).toEqual([]);
    expect(child.exitCode ?? child.signalCode).toBeNull();
  } finally {
    child.kill('SIGKILL');
  }
});

test('files that were not removed are reported', async () => {
  const folder = await newFolder();
  await mkdir(path.join(folder, 'mainspring-test-1'));
  await writeFile(path.join(folder, 'mainspring-test-1', 'temporal.db'), '');
  expect(await check(folder)).toEqual([path.join(folder, 'mainspring-test-1')]);
  expect(existsSync(folder)).toBe(false);
});
