import { open, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { pause } from '../../async/pause';

const FOLLOW_INTERVAL_MS = 200;

const fileOf = (home: string, name: string) => path.join(home, 'logs', 'servers', `${name}.log`);

/** Returns the newest lines of a server's log, oldest first; of the rotated file too, if the current one is short. */
export async function tailLog(home: string, name: string, lines: number): Promise<string[]> {
  const file = fileOf(home, name);
  const texts = await Promise.all([readText(`${file}.1`), readText(file)]);
  return lines === 0 ? [] : linesOf(texts.join('')).slice(-lines);
}

/** Yields the newest lines, and then every new one until `signal` fires; continues when the file is rotated. */
export async function* followLog(
  home: string,
  name: string,
  lines: number,
  signal: AbortSignal,
): AsyncGenerator<string> {
  const file = fileOf(home, name);
  let offset = (await stat(file).catch(() => undefined))?.size ?? 0; // there is no log yet
  yield* await tailLog(home, name, lines);
  let rest = '';
  while (!signal.aborted) {
    const size = (await stat(file).catch(() => undefined))?.size ?? 0; // there is no log yet
    if (size < offset) offset = 0;
    if (size > offset) {
      rest += await readFrom(file, offset, size - offset);
      offset = size;
      const complete = rest.split('\n');
      rest = complete.pop() ?? '';
      yield* complete;
    }
    await pause(FOLLOW_INTERVAL_MS, signal);
  }
}

async function readText(file: string): Promise<string> {
  return readFile(file, 'utf8').catch(() => ''); // a server that never wrote has no file
}

async function readFrom(file: string, offset: number, length: number): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await handle.close();
  }
}

function linesOf(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}
