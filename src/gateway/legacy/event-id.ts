import { type SessionSigner } from './session-signer';
import { type RpcId } from '../../base/jsonrpc';

/** Where in a stream a client is. It is all that any process needs to go on after a break, so nothing is stored for it. */
export interface EventPosition {
  /** Counts the events of a stream. */
  number: number;
  /** Of the stream of no request: which life of the session in memory it belongs to. */
  life?: string;
  /** The request whose stream it is. */
  request?: RpcId;
  /** Activity id, as soon as Temporal has the call. */
  callId?: string;
  progressToken?: RpcId;
  /** The last progress that the client was told. */
  progress?: number;
  /** How many things the server had asked by then. */
  asked?: number;
  /** The response has been sent. */
  isLast?: true;
}

/** Longer ones are none of ours: with the longest id and progress token, written in escapes, it is about 8,500. */
const MAX_EVENT_ID_LENGTH = 10_000;

export function eventId(seal: SessionSigner, position: EventPosition): string {
  const { number, life, request, callId, progressToken, progress, asked, isLast } = position;
  const call = [request, callId, progressToken, progress, asked, isLast];
  const parts = [number, life, ...(request === undefined ? [] : call)];
  return seal.seal(Buffer.from(JSON.stringify(parts)).toString('base64url'));
}

/** Undefined for what is no event id of this session. */
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

/** Other things are sealed too. */
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
