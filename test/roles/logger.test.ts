import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';

const LOADER = path.resolve(__dirname, '../load-typescript.js');
const LOGGER = path.resolve(__dirname, '../../src/roles/logger.ts');

/** What it logs fills every buffer; it says so when it is done, and ends by itself. */
const PROGRAM = `
const { createLogger } = require(process.argv[1]);
const logger = createLogger('host', { logLevel: 'info' });
for (let line = 0; line < 1_000; line++) logger.info({ text: 'x'.repeat(100) }, 'line');
setImmediate(() => process.stdout.write('still here', () => process.exit(0)));
`;

async function run(stderr: 'pipe' | number) {
  const args = ['-r', LOADER, '-e', PROGRAM, LOGGER];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', stderr] });
  const said = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

test('logs one JSON document per line on stderr', async () => {
  const { code, stdout, stderr } = await run('pipe');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'still here' });
  const [first] = stderr.split('\n', 1);
  expect(JSON.parse(first ?? '')).toMatchObject({ name: 'host', level: 30, msg: 'line' });
});

test('a full disk under the log neither ends the role nor keeps it from ending', async () => {
  const full = openSync('/dev/full', 'w');
  const result = await run(full);
  closeSync(full);
  expect(result).toMatchObject({ code: 0, stdout: 'still here' });
});
