import { createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MainspringError, reportOf } from '../../base/errors';
import { hasCode } from '../../base/durable-file';
import { openGuardedClient, refusalIn } from '../../net/guarded-fetch';
import { bareHost, isThisMachine } from '../../net/reach';
import { BUNDLE_LIMITS } from './bundle-limits';
import { isDiskError } from '../../base/disk-error';
import { refused } from './unpack-bundle';

/** Maximum number of redirects; downloads of GitHub releases need one. */
const MAX_REDIRECTS = 5;

/** Copies a bundle from a path or an https URL to `file`, so that the bytes that are checked are those that are unpacked. */
export async function fetchBundle(from: string, file: string, signal: AbortSignal): Promise<void> {
  if (/^https?:/i.test(from)) await download(from, file, signal);
  else await copy(from, file);
}

async function copy(from: string, file: string): Promise<void> {
  try {
    const { size } = await stat(from);
    if (size > BUNDLE_LIMITS.archiveBytes) throw tooLarge();
    await copyFile(from, file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
    throw new MainspringError('FILE_NOT_FOUND', `The bundle ${from} does not exist.`, {
      cause: error,
    });
  }
}

async function download(url: string, file: string, signal: AbortSignal): Promise<void> {
  const configured = new URL(url);
  const guarded = await openGuardedClient({
    configured: [configured],
    maxRedirects: MAX_REDIRECTS,
    refusal,
  });
  try {
    const response = await guarded.fetch(configured, { signal }).catch((error: unknown) => {
      const refusal = refusalIn(error);
      throw refusal ? refused(refusal.message) : unreachable(url, error);
    });
    if (!response.ok || !response.body) throw statusError(url, response.status);
    await pipeline(Readable.fromWeb(response.body), limited(), createWriteStream(file), { signal });
  } catch (error) {
    const isLocal = error instanceof MainspringError || isDiskError(error) || signal.aborted;
    throw isLocal ? error : unreachable(url, error); // the connection was lost during the download
  } finally {
    await guarded.close();
  }
}

/** Refuses URLs without TLS, except those of servers on this machine. */
function refusal(url: URL, before: URL | undefined): string | undefined {
  if (url.protocol === 'https:' || isThisMachine(bareHost(url))) return undefined;
  const led = before ? `${before.href} redirects to ${url.href}, which` : url.href;
  return `${led} is not an https URL`;
}

function limited(): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > BUNDLE_LIMITS.archiveBytes) done(tooLarge());
      else done(null, chunk);
    },
  });
}

function tooLarge(): MainspringError {
  return refused(`it is larger than ${BUNDLE_LIMITS.archiveBytes} bytes`);
}

function statusError(url: string, status: number): MainspringError {
  if (status === 404 || status === 410) {
    return new MainspringError('PACKAGE_NOT_FOUND', `No bundle found at ${url} (${status}).`, {
      fix: 'Check the URL.',
    });
  }
  const code = status >= 500 || status === 429 ? 'REGISTRY_UNREACHABLE' : 'INSTALL_FAILED';
  return new MainspringError(code, `${url} returned HTTP status ${status}.`);
}

function unreachable(url: string, cause: unknown): MainspringError {
  const reason = cause instanceof Error && cause.cause ? cause.cause : cause;
  const message = `Cannot fetch ${url}: ${reportOf(reason).message}`;
  return new MainspringError('REGISTRY_UNREACHABLE', message, {
    fix: 'Check the URL, the network and the proxy, then try again.',
    cause,
  });
}
