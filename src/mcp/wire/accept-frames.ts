import {
  type JSONRPCErrorResponse,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/client';
import { withoutByteOrderMark } from '../../base/byte-order-mark';
import { ForeignJsonError, parseForeignJson } from '../../base/foreign-json';
import { FrameScan, type FrameHead } from './skipped-frame';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';
import { MAX_BATCH_MESSAGES } from '../../base/jsonrpc';
import { RPC } from '../../base/jsonrpc';

/** Accepted message of a server: the shapes of JSON-RPC 2.0, as MCP narrows them. */
type Frame = JSONRPCRequest | JSONRPCNotification | JSONRPCErrorResponse | ResultFrame;

interface ResultFrame {
  jsonrpc: '2.0';
  id: RequestId;
  result: JsonObject;
}

/** Message that is not accepted. It affects only what it belongs to. */
export interface RefusedFrame {
  /** Completes "a message of the server …". */
  why: string;
  isTooLarge?: true;
  /** ID of our request that it answers, as far as it can be read. */
  answers?: RequestId;
  /** ID of the server's request that it is; the server gets an error as the answer. */
  asks?: RequestId;
  /** It is not an answer, and the server expects none. */
  isNotification?: true;
  /** ID of our request on whose stream it came. */
  within?: RequestId;
}

export interface Frames {
  frames: Frame[];
  refused: RefusedFrame[];
  /** Something in the text was dropped or repaired, so the text must not be passed on unchanged. */
  isChanged: boolean;
}

/** Longer IDs are refused; none of ours is longer. */
const MAX_ID_LENGTH = 1_000;

/**
 * Part of every message: most other text is recognised by its absence, however much of it comes.
 */
const MARK = '"jsonrpc"';

/** Start of JSON that may be a message or a batch; a log line may begin with a bracket too. */
const BEGINS_AS_FRAME = /^\s*(?:\{|\[\s*\{)/;

/** A server that sends one of these echoes its input. */
const SENT_BY_CLIENTS: ReadonlySet<string> = new Set([
  ...['initialize', 'notifications/initialized', 'server/discover', 'subscriptions/listen'],
  ...['tools/list', 'tools/call', 'prompts/list', 'prompts/get', 'completion/complete'],
  ...['resources/list', 'resources/templates/list', 'resources/read'],
  ...['resources/subscribe', 'resources/unsubscribe', 'logging/setLevel'],
]);

/**
 * Reads the messages in one text of a server (a line, an event, a body). This is the only place
 * where they are checked. Text that was never meant as a message (a banner, a log line) is `junk`.
 */
export function readFrames(given: string): Frames | 'junk' {
  if (!given.includes(MARK)) return 'junk';
  const text = withoutByteOrderMark(given);
  let value: unknown;
  try {
    value = parseForeignJson(text);
  } catch (error) {
    if (!(error instanceof ForeignJsonError)) throw error;
    const head = BEGINS_AS_FRAME.test(text) ? headOf(text) : undefined;
    if (!head?.isFrame) return 'junk';
    return { frames: [], refused: [refusedBy(head, error.message)], isChanged: true };
  }
  const items: unknown[] = Array.isArray(value) ? value : [value]; // 2025-03-26 has batches
  if (!items.some(claimsToBeFrame)) return 'junk';
  if (items.length > MAX_BATCH_MESSAGES) {
    const why = `has ${items.length} messages, but at most ${MAX_BATCH_MESSAGES} are accepted`;
    return { frames: [], refused: [{ why }], isChanged: true };
  }
  const all = items.map(readFrame);
  return {
    frames: all.flatMap(({ frame }) => frame ?? []),
    refused: all.flatMap(({ refused }) => refused ?? []),
    isChanged: text !== given || all.some(({ frame }, at) => frame !== items[at]),
  };
}

/** Refuses a message over the limit, whose content was skipped. */
export function tooLarge(head: FrameHead, maxBytes: number): RefusedFrame {
  return {
    ...refusedBy(head, `has more than ${maxBytes} bytes ("limits.messageBytes")`),
    isTooLarge: true,
  };
}

/** Refuses a message of which only the head is known. */
function refusedBy({ id, hasMethod }: FrameHead, why: string): RefusedFrame {
  if (id === undefined) return { why, ...(hasMethod && { isNotification: true }) };
  return hasMethod ? { why, asks: id } : { why, answers: asOurs(id) };
}

/** Our IDs are numbers, and some libraries return them as strings. */
function asOurs(id: RequestId): RequestId {
  return typeof id === 'string' && /^\d{1,15}$/.test(id) ? Number(id) : id;
}

function headOf(text: string): FrameHead {
  const scan = new FrameScan();
  scan.write(Buffer.from(text));
  return scan.head;
}

function claimsToBeFrame(value: unknown): boolean {
  return isJsonObject(value) && Object.hasOwn(value, 'jsonrpc');
}

interface ReadItem {
  frame?: Frame;
  refused?: RefusedFrame;
}

function readFrame(given: unknown): ReadItem {
  const value = repaired(given);
  if (isFrame(value)) return { frame: value };
  const why = flawOf(value) ?? '';
  const { id, method } = isJsonObject(value) ? value : {};
  if (isClientMethod(method)) return { refused: { why, isNotification: true } };
  const head = { isFrame: true, id: isId(id) ? id : undefined, hasMethod: method !== undefined };
  return { refused: refusedBy(head, why) };
}

/** Repairs deviations of libraries from JSON-RPC 2.0 that have only one possible meaning. */
function repaired(given: unknown): unknown {
  const value = withoutNulls(given);
  if (!isJsonObject(value) || value['method'] !== undefined) return value;
  const { id, error, result } = value;
  const numbered = typeof id === 'string' ? asOurs(id) : id;
  const readableError = error === undefined || result !== undefined ? error : repairedError(error);
  if (numbered === id && readableError === error) return value;
  return {
    ...value,
    ...(numbered !== undefined && { id: numbered }),
    ...(readableError !== undefined && { error: readableError }),
  };
}

/** Some libraries write absent members as `null`. */
function withoutNulls(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  const { params, error, ...rest } = value;
  if (params === null) return withoutNulls({ ...rest, ...(error !== undefined && { error }) });
  return error === null && value['result'] !== undefined ? rest : value;
}

/** The server reported a failure: its error is passed on, whatever its form. */
function repairedError(error: Json): Json {
  if (typeof error === 'string') return { code: RPC.internalError, message: error };
  if (!isJsonObject(error)) return error;
  const { code, message } = error;
  if (Number.isSafeInteger(code) && typeof message === 'string') return error;
  const number = typeof code === 'string' && code.trim() !== '' ? Number(code) : code;
  const isCode = Number.isSafeInteger(number);
  const text = typeof message === 'string' ? message : 'the server gave no message';
  return {
    ...error,
    code: typeof number === 'number' && isCode ? number : RPC.internalError,
    message: isCode || code === undefined ? text : `${text} (${JSON.stringify(code)})`,
  };
}

const isClientMethod = (method: unknown) =>
  typeof method === 'string' && SENT_BY_CLIENTS.has(method);

function isFrame(value: unknown): value is Frame {
  return flawOf(value) === undefined;
}

/**
 * Returns the flaw that keeps a value from being a message, or undefined. Hand-written, because the
 * SDK's schemas cost more than everything else on this path.
 */
function flawOf(value: unknown): string | undefined {
  if (!isJsonObject(value)) return 'is not an object';
  if (value['jsonrpc'] !== '2.0') return 'does not have "jsonrpc": "2.0"';
  if (value['method'] !== undefined) return flawOfRequest(value);
  return value['result'] === undefined ? flawOfError(value) : flawOfResult(value);
}

const BAD_ID = 'has an "id" that is not a string or a number';

function flawOfRequest({ id, method, params }: JsonObject): string | undefined {
  if (typeof method !== 'string') return 'has a "method" that is not a string';
  if (isClientMethod(method))
    return `is "${method}", which only clients send: the server echoes its input`;
  if (id !== undefined && !isId(id)) return BAD_ID;
  const isFine = params === undefined || isJsonObject(params);
  return isFine ? undefined : 'has "params" that are not an object';
}

function flawOfResult({ id, result, error }: JsonObject): string | undefined {
  if (!isId(id)) return BAD_ID;
  if (error !== undefined) return 'has both a "result" and an "error"';
  return isJsonObject(result) ? undefined : 'has a "result" that is not an object';
}

function flawOfError({ id, error }: JsonObject): string | undefined {
  if (!isJsonObject(error)) return 'has no "method", no "result" and no "error"';
  if (id !== undefined && id !== null && !isId(id)) return BAD_ID;
  if (!Number.isSafeInteger(error['code'])) return 'has an error whose "code" is not an integer';
  return typeof error['message'] === 'string' ? undefined : 'has an error without a "message"';
}

/** JSON can express numbers that JavaScript reads as Infinity; they could not be sent back. */
function isId(id: unknown): id is RequestId {
  if (typeof id === 'number') return Number.isFinite(id);
  return typeof id === 'string' && id.length <= MAX_ID_LENGTH;
}
