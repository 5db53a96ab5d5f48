import { type JSONRPCMessage } from '@modelcontextprotocol/client';

/** How far into a line the member that makes it a frame is looked for. */
const FRAME_PREFIX_LENGTH = 64;

/**
 * The messages of one line. `junk` is what was never meant as a message (a banner, a log line), `broken` a message that
 * cannot be understood: its sender cannot be trusted with the next one.
 */
export function parseFrames(line: string): JSONRPCMessage[] | 'junk' | 'broken' {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return line.slice(0, FRAME_PREFIX_LENGTH).includes('"jsonrpc"') ? 'broken' : 'junk';
  }
  const messages: unknown[] = Array.isArray(value) ? value : [value]; // 2025-03-26 has batches
  if (messages.length === 0 || !messages.every(claimsToBeMessage)) return 'junk';
  return messages.every(isMessage) ? messages : 'broken';
}

function claimsToBeMessage(value: unknown): value is object {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value;
}

/** By hand: the SDK's schemas cost more than everything else on this path. */
function isMessage(value: object): value is JSONRPCMessage {
  if (!('jsonrpc' in value) || value.jsonrpc !== '2.0') return false;
  const hasId = 'id' in value && (typeof value.id === 'number' || typeof value.id === 'string');
  if ('method' in value) return typeof value.method === 'string' && (hasId || !('id' in value));
  // Whatever the result is: one that is no object fails its request, and not the connection.
  if ('result' in value) return hasId;
  if (!('error' in value) || !isObject(value.error)) return false;
  const { error } = value;
  return (
    'code' in error &&
    Number.isInteger(error.code) &&
    'message' in error &&
    typeof error.message === 'string'
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
