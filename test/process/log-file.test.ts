import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { MAX_LOG_LINE_BYTES } from '../../src/domain/limits';
import { captureLines } from '../../src/process/capture';
import { openServerLog, MAX_LOG_FILE_BYTES } from '../../src/process/log-file';
import { createMask } from '../../src/process/mask';

describe('a server log', () => {
  let folder: string;
  let file: string;
  const noMask = createMask([]);
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mainspring-log-'));
    file = join(folder, 'logs', 'server.log');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  test('stores lines in order, readable by the owner only, and appends to an old file', async () => {
    for (const lines of [['a', 'b'], ['c']]) {
      const log = openServerLog(file, noMask);
      lines.forEach((line) => log.append(line));
      await log.close();
    }
    expect(readFileSync(file, 'utf8')).toBe('a\nb\nc\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('keeps the last lines in memory', () => {
    const log = openServerLog(file, noMask);
    for (let line = 1; line <= 1_000; line++) log.append(String(line));
    expect(log.tail(2)).toEqual(['999', '1000']);
    expect(log.tail(10_000)).toHaveLength(200);
    expect(log.tail(0)).toEqual([]);
    return log.close();
  });

  test('is rotated, and keeps one old file', async () => {
    const log = openServerLog(file, noMask);
    const line = 'x'.repeat(8_000);
    for (let bytes = 0; bytes < 2.5 * MAX_LOG_FILE_BYTES; bytes += 100 * line.length) {
      for (let count = 0; count < 100; count++) log.append(line);
      await log.close();
    }
    expect(statSync(file).size).toBeLessThanOrEqual(MAX_LOG_FILE_BYTES);
    expect(statSync(`${file}.1`).size).toBeLessThanOrEqual(MAX_LOG_FILE_BYTES);
  });

  test('drops lines that are faster than the disk, and reports how many', async () => {
    const log = openServerLog(file, noMask);
    for (let count = 0; count < 2_000; count++) log.append('x'.repeat(1_000));
    await log.close();
    expect(readFileSync(file, 'utf8')).toMatch(/\[mainspring: dropped \d+ lines/);
  });

  test('does not show a part of a secret at the end of a line that was cut', async () => {
    const secret = 'a-secret-that-is-rather-long';
    const log = openServerLog(file, createMask([secret]));
    const stream = new PassThrough();
    captureLines(stream, log);
    stream.end(`${'x'.repeat(MAX_LOG_LINE_BYTES - 10)}${secret} and more\nnext\n`);
    await new Promise((resolve) => stream.once('close', resolve));
    expect(log.tail(2)[0]).toMatch(/^x+…$/);
    expect(log.tail(1)).toEqual(['next']);
    await log.close();
  });

  test('counts the lines of a flood instead of storing them', async () => {
    const log = openServerLog(file, noMask);
    const stream = new PassThrough();
    captureLines(stream, log);
    const block = 'a line of a flood\n'.repeat(10_000);
    for (let count = 0; count < 50; count++) {
      if (!stream.write(block)) await new Promise((resolve) => stream.once('drain', resolve));
    }
    stream.end();
    await new Promise((resolve) => stream.once('close', resolve));
    expect(log.tail(1)[0]).toMatch(/^\[mainspring: dropped \d+ lines/);
    await log.close();
    expect(statSync(file).size).toBeLessThan(2 * 1024 * 1024);
  });
});
