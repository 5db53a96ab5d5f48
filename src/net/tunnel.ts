import { request } from 'node:http';
import { request as requestByTls } from 'node:https';
import { type Socket } from 'node:net';
import { shownProxy } from './proxy';

const CONNECT_TIMEOUT_MS = 10_000;

/** Opens a connection to a host and port through a proxy (CONNECT). */
export async function openTunnel(proxy: URL, target: URL): Promise<Socket> {
  const isTls = target.protocol === 'https:' || target.protocol === 'wss:';
  const authority = `${target.hostname}:${target.port || (isTls ? 443 : 80)}`;
  const { username, password, protocol, hostname, port } = proxy;
  const login = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const sendRequest = protocol === 'https:' ? requestByTls : request;
  const connectRequest = sendRequest({
    method: 'CONNECT',
    path: authority,
    agent: false,
    timeout: CONNECT_TIMEOUT_MS,
    host: hostname.replace(/^\[|\]$/g, ''),
    ...(port && { port }),
    headers: {
      host: authority,
      ...(username && { 'proxy-authorization': `Basic ${login.toString('base64')}` }),
    },
  });
  return new Promise((resolve, reject) => {
    const refuse = (why: string) => reject(new Error(`the proxy ${shownProxy(proxy)} ${why}`));
    connectRequest.once('error', (error) => refuse(`cannot be used: ${error.message}`));
    connectRequest.once('timeout', () => {
      connectRequest.destroy();
      refuse(`has not connected within ${CONNECT_TIMEOUT_MS} ms`);
    });
    connectRequest.once('response', ({ statusCode }) => {
      connectRequest.destroy();
      refuse(`returned ${statusCode}`);
    });
    connectRequest.once('connect', ({ statusCode }, socket: Socket) => {
      socket.setTimeout(0);
      if (statusCode === 200) return resolve(socket);
      socket.destroy();
      refuse(`returned ${statusCode} for ${authority}`);
    });
    connectRequest.end();
  });
}
