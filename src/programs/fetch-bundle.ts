import { createWriteStream } from 'node:fs';
import { copyFile, stat } from 'node:fs/promises';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { MainspringError, reportOf } from '../domain/errors';
import { hasCode } from '../durable-file';
import { BUNDLE_LIMITS } from './bundle-limits';
import { isDiskError } from './disk-error';
import { refused } from './unpack-bundle';

/** Copies a bundle from a path or an https URL to `file`, so that what is checked is what is unpacked. */
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
    throw new MainspringError('FILE_NOT_FOUND', `There is no bundle ${from}.`, { cause: error });
  }
}

async function download(url: string, file: string, signal: AbortSignal): Promise<void> {
  if (!isSafe(new URL(url))) throw refused(`${url} is not an https URL`);
  // Only here, because it takes 0.1 s to load; unlike Node's own fetch it knows HTTPS_PROXY.
  const { EnvHttpProxyAgent, fetch } = await import('undici');
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const response = await fetch(url, { dispatcher, signal }).catch((error: unknown) => {
      throw unreachable(url, error);
    });
    if (!isSafe(new URL(response.url))) throw refused(`${url} leads to ${response.url}`);
    if (!response.ok || !response.body) throw statusError(url, response.status);
    await pipeline(Readable.fromWeb(response.body), limited(), createWriteStream(file), { signal });
  } catch (error) {
    const isLocal = error instanceof MainspringError || isDiskError(error) || signal.aborted;
    throw isLocal ? error : unreachable(url, error); // the connection broke in the middle
  } finally {
    await dispatcher.destroy();
  }
}

/** A server on this machine needs no TLS. */
function isSafe({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
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
    return new MainspringError('PACKAGE_NOT_FOUND', `There is no bundle at ${url} (${status}).`, {
      fix: 'Check the URL.',
    });
  }
  const code = status >= 500 || status === 429 ? 'REGISTRY_UNREACHABLE' : 'INSTALL_FAILED';
  return new MainspringError(code, `${url} answers with HTTP status ${status}.`);
}

function unreachable(url: string, cause: unknown): MainspringError {
  const reason = cause instanceof Error && cause.cause ? cause.cause : cause;
  const message = `${url} cannot be fetched: ${reportOf(reason).message}`;
  return new MainspringError('REGISTRY_UNREACHABLE', message, {
    fix: 'Check the URL, the network and the proxy; then try again.',
    cause,
  });
}
