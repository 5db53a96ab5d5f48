import { MAX_JSON_DEPTH } from '../base/foreign-json';
import { type Socket } from 'node:net';
import { parseForeignJson } from '../base/foreign-json';
import { splitLines } from './lines';

/** Greatest depth on the socket of a host, where a message of a server or a client has a few levels of ours around it. */
const MAX_SOCKET_JSON_DEPTH = MAX_JSON_DEPTH + 16;

export interface JsonLinesOptions {
  /** Longest line, in bytes. */
  maxBytes: number;
  onValue: (value: unknown) => void;
  /** Called when a line is too long, not JSON or too deep, or `onValue` threw; nothing more is read. */
  onBroken: (why: string) => void;
}

export interface JsonLines {
  /** Sends one JSON document without line breaks, together with all others of this turn of the event loop. */
  send(document: string): void;
  /** Sends one now, before anything else that this process does. */
  sendNow(document: string): void;
  /** Approximate number of bytes that the other side has not taken yet. */
  readonly backlog: number;
}

/** Exchanges JSON documents on a socket, one per line. */
export function jsonLines(
  socket: Socket,
  { maxBytes, onValue, onBroken }: JsonLinesOptions,
): JsonLines {
  let waiting = '';
  let isBroken = false;
  const flush = () => {
    const text = waiting;
    waiting = '';
    if (text !== '' && socket.writable) socket.write(text);
  };
  const fail = (why: string) => {
    if (isBroken) return;
    isBroken = true;
    onBroken(why);
  };
  const lines = splitLines({
    maxBytes,
    onLine: (line) => {
      if (isBroken || line === '') return;
      try {
        onValue(parseForeignJson(line, MAX_SOCKET_JSON_DEPTH));
      } catch (error) {
        // Thrown into the event loop it would end the process, and not only this connection.
        fail(`a line ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    onTooLong: () => fail(`a line has more than ${maxBytes} bytes`),
  });
  socket.on('data', (chunk: Buffer) => lines.write(chunk));
  return {
    send(document) {
      if (waiting === '') setImmediate(flush);
      waiting += `${document}\n`;
    },
    sendNow(document) {
      waiting += `${document}\n`;
      flush();
    },
    get backlog() {
      return waiting.length + socket.writableLength;
    },
  };
}
