import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { tryFileLock, withFileLock } from '../../src/base/file-lock';
import { useTemporaryFolder } from '../temporary-folder';

const RACERS = 6;
const ROUNDS = 4;
const TIMES_EACH = 5;
const LOADER = path.resolve(__dirname, '../load-typescript.js');
const RACER = path.resolve(__dirname, '../fixtures/lock-racer.js');

jest.setTimeout(120_000);

const folder = useTemporaryFolder();
const lockFile = () => path.join(folder(), 'it.lock');
const racers = new Set<ChildProcess>();

afterEach(() => {
  for (const racer of racers) racer.kill('SIGKILL');
  racers.clear();
});

interface Racer {
  /** All that it says, when it has ended. */
  said: Promise<string[]>;
  ready: Promise<unknown>;
}

function startRacer(kind: string, start: string): Racer {
  const args = ['-r', LOADER, RACER, kind, lockFile(), start, String(TIMES_EACH)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  racers.add(child);
  const lines = createInterface({ input: child.stdout });
  const said: string[] = [];
  lines.on('line', (line) => said.push(line));
  const exited = once(child, 'close').then(([code, signal]) => [...said, String(signal ?? code)]);
  return { said: exited, ready: once(lines, 'line') };
}

describe('a file lock', () => {
  test.each([
    ['of the product', 'src'],
    ['of the scripts', 'scripts'],
  ])(
    '%s has one owner at a time, whoever dies with it and however many want it',
    async (_, kind) => {
      for (let round = 0; round < ROUNDS; round++) {
        const start = path.join(folder(), `start-${round}`);
        const all = Array.from({ length: RACERS }, () => startRacer(kind, start));
        await Promise.all(all.map(({ ready }) => ready));
        await writeFile(start, '');
        const said = await Promise.all(all.map((racer) => racer.said));
        // Each has had it as often as it wanted, and was killed while it had it.
        expect(said).toEqual(all.map(() => ['ready', 'SIGKILL']));
      }
    },
  );

  test('is refused while it is held, also within one process, and free after its release', async () => {
    const lock = await tryFileLock(lockFile());
    expect(await tryFileLock(lockFile())).toBeUndefined();
    lock?.release();
    const next = await tryFileLock(lockFile());
    lock?.release(); // again: must not free it for the next one
    expect(await tryFileLock(lockFile())).toBeUndefined();
    next?.release();
    expect(await tryFileLock(lockFile())).toBeDefined();
  });

  test('is an empty private file, with none beside it', async () => {
    await tryFileLock(lockFile());
    expect(await readdir(folder())).toEqual(['it.lock']);
    const { size, mode } = await stat(lockFile());
    expect({ size, mode: mode & 0o777 }).toEqual({ size: 0, mode: 0o600 });
  });

  test('takes over the lock file of an earlier version', async () => {
    await writeFile(lockFile(), JSON.stringify({ pid: 1, startTime: 1 }));
    expect(await tryFileLock(lockFile())).toBeDefined();
    expect(await tryFileLock(lockFile())).toBeUndefined();
  });
});

describe('withFileLock', () => {
  test('waits for its turn, and gives it back also when it fails', async () => {
    const order: string[] = [];
    const work = (name: string) => async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      order.push(`${name} ends`);
      if (name === 'first') throw new Error('it failed');
    };
    const wait = { timeoutMs: Infinity };
    const first = withFileLock(lockFile(), wait, work('first'));
    first.catch(() => undefined); // it is looked at below
    while (order.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = withFileLock(lockFile(), wait, work('second'));
    await expect(first).rejects.toThrow('it failed');
    await second;
    expect(order).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  test('names the file that it has waited for in vain', async () => {
    await tryFileLock(lockFile());
    const late = withFileLock(lockFile(), { timeoutMs: 0 }, async () => undefined);
    await expect(late).rejects.toMatchObject({ code: 'HOME_UNUSABLE' });
    await expect(late).rejects.toThrow(lockFile());
  });

  test('does not wait when it is aborted', async () => {
    await tryFileLock(lockFile());
    const stop = new AbortController();
    const onWait = () => stop.abort(new Error('stopped'));
    const wait = { timeoutMs: Infinity, signal: stop.signal, onWait };
    await expect(withFileLock(lockFile(), wait, async () => undefined)).rejects.toThrow('stopped');
  });
});
