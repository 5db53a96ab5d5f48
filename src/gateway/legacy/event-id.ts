import { type SessionSigner } from './session-signer';
import { type RpcId } from '../../base/jsonrpc';

/**
 * Position of a client in a stream. It is all that a process needs to resume after a break, so
 * nothing is stored for it.
 */
export interface EventPosition {
  /** Number of the event in its stream. */
  number: number;
  /** ID of the session's life in memory; only in the stream that belongs to no request. */
  life?: string;
  /** ID of the request whose stream it is. */
  request?: RpcId;
  /** Activity ID, once Temporal has the call. */
  callId?: string;
  progressToken?: RpcId;
  /** Last progress sent to the client. */
  progress?: number;
  /** Number of input requests that the server had sent by then. */
  asked?: number;
  /** Whether the response has been sent. */
  isLast?: true;
}

/**
 * Longer ones are not ours: with the longest ID and progress token, fully escaped, it is about
 * 8,500.
 */
const MAX_EVENT_ID_LENGTH = 10_000;

export function eventId(seal: SessionSigner, position: EventPosition): string {
  const { number, life, request, callId, progressToken, progress, asked, isLast } = position;
  const call = [request, callId, progressToken, progress, asked, isLast];
  const parts = [number, life, ...(request === undefined ? [] : call)];
  return seal.seal(Buffer.from(JSON.stringify(parts)).toString('base64url'));
}

/** Returns undefined for text that is not an event ID of this session. */
export function readEventId(seal: SessionSigner, text: string): EventPosition | undefined {
  const opened = text.length > MAX_EVENT_ID_LENGTH ? undefined : seal.open(text);
  if (opened === undefined) return undefined;
  const parts = partsOf(opened);
  const [number, life, request, callId, progressToken, progress, asked, isLast] = parts;
  if (!isCount(number)) return undefined;
  return {
    number,
    ...(typeof life === 'string' && { life }),
    ...(isId(request) && { request }),
    ...(typeof callId === 'string' && { callId }),
    ...(isId(progressToken) && { progressToken }),
    ...(typeof progress === 'number' && { progress }),
    ...(isCount(asked) && { asked }),
    ...(isLast === true && { isLast }),
  };
}

/** The same key also signs other data. */
function partsOf(text: string): unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isId(value: unknown): value is RpcId {
  return typeof value === 'string' || typeof value === 'number';
}
