import { type IncomingMessage, type Server } from 'node:http';
import { type Duplex as Socket } from 'node:stream';

/** Headers that belong only to the upgrade. */
const UPGRADE_HEADERS = new Set(['upgrade', 'connection', 'http2-settings']);

export function isForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Serves a request as if it had not requested another protocol, as RFC 9110 section 7.8 allows.
 * Java's HttpClient requests HTTP/2 (h2c) with every first request, and Node.js passes all upgrades
 * to a server that has a listener for them.
 */
export function ignoreUpgrade(
  server: Server,
  { method, url, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const pairs = rawHeaders.flatMap((name, index) => {
    const isName = index % 2 === 0;
    return isName && !UPGRADE_HEADERS.has(name.toLowerCase())
      ? [`${name}: ${rawHeaders[index + 1]}`]
      : [];
  });
  const text = [`${method} ${url} HTTP/1.1`, ...pairs].join('\r\n');
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
