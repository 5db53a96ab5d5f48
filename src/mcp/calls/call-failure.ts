import { isNativeError } from 'node:util/types';
import { SdkHttpError } from '@modelcontextprotocol/client';
import { type ErrorClass } from '../../domain/calls/error-class';
import { MainspringError } from '../../base/errors';
import { resultOf } from './answer';
import { CallError } from './call-error';
import { neverConnected, rootMessage } from '../session/connect-error';
import { classOfLoss, classOfStatus } from './error-classes';
import { readFrames } from '../wire/frames';

interface Attempt {
  isSent: boolean;
  /** HTTP status of the last response, if one came. */
  status: number | undefined;
  /** A response before it was no refusal: a redirect, or a stream that broke and was to be resumed. */
  mayHaveRun: boolean;
  /** What the response asked for in Retry-After. */
  retryAfterMs?: number | undefined;
  /** Whether the connection has a session on the server, which the server may have dropped. */
  hasSession: boolean;
}

export interface Failure {
  error: CallError;
  /** The connection is of no use any more and has to be opened again. */
  linkLost?: MainspringError;
  /** The server may have dropped the session, and say so in its own way: another request tells. */
  isSessionInDoubt?: boolean;
}

/**
 * Statuses with which an HTTP server or a proxy refuses a request before the code behind it sees it. 5xx is not among them: proxies
 * answer 502, 503 and 504 also when the server broke off in the middle of the work.
 */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 403, 404, 405, 406, 407, 413, 415, 421, 429, 431,
]);
/** What is answered before anybody reads the request, so that an error in the body is not the tool's. */
const AT_THE_DOOR: ReadonlySet<ErrorClass> = new Set<ErrorClass>(['auth', 'rate-limit']);
/** What servers answer in place of 404 to a session that they have forgotten. */
const AS_IF_UNKNOWN = new Set([400, 401, 403]);
const FIRST_ERROR_STATUS = 400;

export const isRefusal = (status: number): boolean => REFUSALS.has(status);

/** What it means for a call that its request failed with `cause` and not with an answer. In doubt it is `lost`. */
export function callFailure(cause: unknown, attempt: Attempt): Failure {
  const { isSent, status, mayHaveRun, hasSession, retryAfterMs } = attempt;
  const message = textOf(cause);
  if (!isSent) return { error: new CallError('not-sent', message, { cause }) };
  if (status === undefined) return unanswered(cause, message);
  const isError = status >= FIRST_ERROR_STATUS;
  const errorClass = isError ? classOfStatus(status) : classOfLoss(cause);
  const details = { cause, errorClass, ...(isError && { retryAfterMs }) };
  const lost = new CallError('lost', `HTTP ${status}: ${message}`, details);
  if (mayHaveRun) return { error: rejectionIn(cause) ?? lost };
  if (!isRefusal(status)) return { error: lost, isSessionInDoubt: hasSession && isError };
  if (hasSession && (status === 404 || (status === 400 && /session/i.test(message)))) {
    return sessionLost(cause);
  }
  const rejection = AT_THE_DOOR.has(errorClass) ? undefined : rejectionIn(cause);
  const retryable = errorClass === 'rate-limit';
  const refused = new CallError('not-sent', `HTTP ${status}: ${message}`, {
    ...details,
    retryable,
  });
  const isSessionInDoubt = hasSession && AS_IF_UNKNOWN.has(status);
  return { error: rejection ?? refused, isSessionInDoubt };
}

/** The server does not know the session any more, so that it has not looked at the request. */
export function sessionLost(cause: unknown): Required<Pick<Failure, 'error' | 'linkLost'>> {
  const linkLost = new MainspringError('CONNECTION_LOST', 'the server has dropped the session');
  return { error: new CallError('not-sent', linkLost.message, { cause }), linkLost };
}

/** `fetch failed` is all that fetch says itself. */
function textOf(cause: unknown): string {
  if (!isNativeError(cause)) return String(cause);
  return cause.message === 'fetch failed'
    ? `the connection broke: ${rootMessage(cause)}`
    : cause.message;
}

function unanswered(cause: unknown, message: string): Failure {
  if (!neverConnected(cause)) {
    return { error: new CallError('lost', message, { cause, errorClass: classOfLoss(cause) }) };
  }
  const why = `the server is not reachable: ${message}`;
  const linkLost = new MainspringError('CONNECTION_LOST', why, { cause });
  return { error: new CallError('not-sent', message, { cause, errorClass: 'network' }), linkLost };
}

/** 2026-07-28 sends JSON-RPC errors with statuses of their own (404 for an unknown method). */
function rejectionIn(cause: unknown): CallError | undefined {
  const text = cause instanceof SdkHttpError ? cause.data.text : undefined;
  const read = typeof text === 'string' ? readFrames(text) : 'junk';
  if (read === 'junk') return undefined;
  const [frame] = read.frames;
  if (frame === undefined || 'method' in frame || frame.id === undefined) return undefined;
  const answer = resultOf(frame);
  return answer instanceof CallError ? answer : undefined;
}
