import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { hasCode } from '../base/durable-file';
import { reportOf } from '../base/errors';
import { failed } from './discover';

const HOST = '127.0.0.1';
const PATH = '/callback';
const HEADERS_TIMEOUT_MS = 5_000;

/** Listens on this machine for the browser that returns from a login. */
export interface RedirectListener {
  redirectUri: string;
  /**
   * Resolves with the first redirect that passes `isMine`; others are refused and change nothing.
   */
  redirected(isMine: (url: URL) => boolean): Promise<URL>;
  close(): void;
}

export interface RedirectPort {
  /** Port to use; there is no fallback. */
  fixed?: number | undefined;
  /**
   * Port of an earlier login, which its client is registered for. If it is taken, another one is
   * used.
   */
  preferred?: number | undefined;
}

export async function listenForRedirect({
  fixed,
  preferred = 0,
}: RedirectPort = {}): Promise<RedirectListener> {
  let accept: ((url: URL) => boolean) | undefined;
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
    const url = urlOf(request);
    if (request.method !== 'GET' || url?.pathname !== PATH) return answer(response, 404, NOT_FOUND);
    if (!accept?.(url)) return answer(response, 400, WRONG_LOGIN);
    answer(response, 200, url.searchParams.has('code') ? DONE : DENIED);
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, HOST, () => resolve(server.off('error', reject) && undefined));
    });
  await listen(fixed ?? preferred).catch((error: unknown) => {
    if (fixed === undefined && hasCode(error, 'EADDRINUSE')) return listen(0);
    throw failed(`port ${fixed ?? preferred} cannot be used: ${reportOf(error).message}`, error);
  });
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return {
    redirectUri: `http://${HOST}:${port}${PATH}`,
    redirected: (isMine) =>
      new Promise((resolve) => {
        accept = (url) => {
          if (!isMine(url)) return false;
          accept = undefined; // a `state` is valid for one redirect
          resolve(url);
          return true;
        };
      }),
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}

/** Returns undefined for a request to any other host name: it may point here by DNS rebinding. */
function urlOf({ url = '', headers: { host = '' } }: IncomingMessage): URL | undefined {
  const base = `http://${host}`;
  if (!host.startsWith(`${HOST}:`) || !URL.canParse(url, base)) return undefined;
  return new URL(url, base);
}

const DONE = 'Mainspring is logged in. You can close this page and return to the terminal.';
const DENIED = 'The login was denied. You can close this page.';
const WRONG_LOGIN = 'This is not the login that Mainspring is waiting for.';
const NOT_FOUND = 'Not found.';

function answer(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    connection: 'close',
  });
  response.end(`${text}\n`);
}
