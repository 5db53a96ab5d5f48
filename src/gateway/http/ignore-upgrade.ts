import { type IncomingMessage, type Server } from 'node:http';
import { type Duplex as Socket } from 'node:stream';

/** What belongs to the upgrade alone. */
const LEFT_OUT = new Set(['upgrade', 'connection', 'http2-settings']);

export function isForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * Serves a request as if it had not asked for another protocol, as RFC 9110 section 7.8 allows. Java's HttpClient asks for
 * HTTP/2 (h2c) with every first request, and Node then takes no server to be one that only upgrades to WebSocket.
 */
export function ignoreUpgrade(
  server: Server,
  { method, url, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  const pairs = rawHeaders.flatMap((name, index) => {
    const isName = index % 2 === 0;
    return isName && !LEFT_OUT.has(name.toLowerCase()) ? [`${name}: ${rawHeaders[index + 1]}`] : [];
  });
  const text = [`${method} ${url} HTTP/1.1`, ...pairs].join('\r\n');
  socket.unshift(Buffer.concat([Buffer.from(`${text}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}
