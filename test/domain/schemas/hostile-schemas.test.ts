import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { compileSource, NODE_PATH } from '../../process/compiled';
import { useTemporaryFolder } from '../../temporary-folder';

/** A process that hangs is killed: nothing else could stop it. */
const HANGS_AFTER_MS = 240_000;
const RANDOM_SCHEMAS = 1_500;

const run = promisify(execFile);
const temporaryFolder = useTemporaryFolder();

async function lastLineOf(script: string, ...args: string[]): Promise<string | undefined> {
  const folder = temporaryFolder();
  compileSource(['base', 'domain'], folder);
  const { stdout } = await run(process.execPath, [resolve(__dirname, script), folder, ...args], {
    env: { ...process.env, NODE_PATH },
    timeout: HANGS_AFTER_MS,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trimEnd().split('\n').at(-1);
}

test(
  'no schema of a server hangs, kills or fills the process that validates by it',
  async () => {
    expect(await lastLineOf('hostile-schemas.mjs')).toBe('done');
  },
  HANGS_AFTER_MS + 10_000,
);

test(
  'random schemas never throw, and where Ajv can check by them as they are it finds the same',
  async () => {
    const last = await lastLineOf('random-schemas.mjs', String(RANDOM_SCHEMAS));
    const counted = /"compared":(\d+),"refused":(\d+),"unchecked":(\d+)/.exec(last ?? '') ?? [];
    const [, compared, refused, unchecked] = counted.map(Number);
    expect(compared).toBeGreaterThan(RANDOM_SCHEMAS / 3);
    expect(refused).toBeGreaterThan(RANDOM_SCHEMAS / 10);
    expect(unchecked).toBeGreaterThan(RANDOM_SCHEMAS / 10);
  },
  HANGS_AFTER_MS + 10_000,
);
