import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { openOutbound } from '../net/outbound';
import { makeCached } from './executable-cache';
import { MIN_VERSION } from './executable-version';
import { type ExecutableSearch } from './executable-search';

/** Without a network there is no response at all, and the next step must not wait for one. */
const ANSWER_TIMEOUT_MS = 4_000;
/** Enough for 45 MB on a slow line. */
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;
const BYTES_PER_MB = 1_000_000;

/** SHA-256 of the archives that may be run; no other is. */
const SHA256 = new Map([
  ['linux-x64', '09a0326a51db84d02735e53542b9ebd8c4758daf47482a9ab0abce15844e60d5'],
]);
const OFFICIAL_URL = `https://github.com/temporalio/cli/releases/download/v${MIN_VERSION}/temporal_cli_${MIN_VERSION}_linux_amd64.tar.gz`;

const run = promisify(execFile);

/** Downloads the official Temporal CLI into `file`. A setting may name a mirror of the same archive. */
export async function downloadArchive(file: string, search: ExecutableSearch): Promise<void> {
  const sha256 = SHA256.get(`${process.platform}-${process.arch}`);
  if (!sha256) throw new Error(`no known archive for ${process.platform} ${process.arch}`);
  const url = search.temporalArchiveUrl ?? OFFICIAL_URL;
  await makeCached(file, async (scratch) => {
    const archive = path.join(scratch, 'archive.tar.gz');
    const digest = await fetchInto(archive, url, search);
    if (digest !== sha256) throw new Error(`${url} has SHA-256 ${digest} instead of ${sha256}`);
    await run('tar', ['-xzf', archive, '-C', scratch, 'temporal']);
    return path.join(scratch, 'temporal');
  });
}

/** Resolves with the SHA-256 of the downloaded file. */
async function fetchInto(file: string, url: string, search: ExecutableSearch): Promise<string> {
  const started = performance.now();
  search.onProgress(`Temporal: downloading ${url}`);
  // Imported here because it takes 0.1 s to load. Unlike Node's own fetch it supports HTTPS_PROXY.
  const undici = await import('undici');
  const { dispatcher, close } = openOutbound(undici, {});
  const stop = new AbortController();
  const forward = () => stop.abort(search.signal?.reason);
  search.signal?.addEventListener('abort', forward, { once: true });
  const answerTimer = setTimeout(
    () => stop.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1_000} s`)),
    ANSWER_TIMEOUT_MS,
  );
  try {
    const response = await undici.fetch(url, { dispatcher, signal: stop.signal });
    clearTimeout(answerTimer);
    if (!response.ok || !response.body) throw new Error(`HTTP status ${response.status}`);
    const { sha256, bytes } = await store(file, Readable.fromWeb(response.body));
    const seconds = Math.round((performance.now() - started) / 1_000);
    search.onProgress(`Temporal: ${Math.round(bytes / BYTES_PER_MB)} MB in ${seconds} s`);
    return sha256;
  } catch (error) {
    throw new Error(`${url}: ${reasonOf(error)}`, { cause: error });
  } finally {
    clearTimeout(answerTimer);
    search.signal?.removeEventListener('abort', forward);
    await close();
  }
}

async function store(file: string, body: Readable): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(body, counter, createWriteStream(file), {
    signal: AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS),
  });
  return { sha256: hash.digest('hex'), bytes };
}

/** fetch hides the reason of a failure in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
