import { isNativeError } from 'node:util/types';
import { SdkHttpError } from '@modelcontextprotocol/client';
import { type ErrorClass } from '../../domain/calls/error-class';
import { MainspringError } from '../../base/errors';
import { resultOf } from './answer';
import { CallError } from './call-error';
import { neverConnected, rootMessage } from '../session/connect-error';
import { classOfLoss, classOfStatus } from './classify-error';
import { readFrames } from '../wire/accept-frames';

interface Attempt {
  isSent: boolean;
  /** HTTP status of the last response, if any. */
  status: number | undefined;
  /**
   * An earlier response was not a refusal: a redirect, or a stream that broke and was to be
   * resumed.
   */
  mayHaveRun: boolean;
  /** Pause from the Retry-After header of the response. */
  retryAfterMs?: number | undefined;
  /** Whether the connection has a session on the server, which the server may have dropped. */
  hasSession: boolean;
}

export interface Failure {
  error: CallError;
  /** Set if the connection is no longer usable and must be reopened. */
  linkLost?: MainspringError;
  /**
   * The server may have dropped the session and reports that in its own way; another request shows
   * it.
   */
  isSessionInDoubt?: boolean;
}

/**
 * Statuses with which an HTTP server or a proxy refuses a request before the code behind it sees
 * it. 5xx is not among them: proxies also answer 502, 503 and 504 if the server failed in the
 * middle of its work.
 */
const REFUSALS: ReadonlySet<number> = new Set([
  400, 401, 403, 404, 405, 406, 407, 413, 415, 421, 429, 431,
]);
/**
 * Classes of refusals that come before the request is read, so an error in the body is not the
 * tool's.
 */
const REFUSED_UNREAD: ReadonlySet<ErrorClass> = new Set<ErrorClass>(['auth', 'rate-limit']);
/** Statuses that servers return instead of 404 for a session that they no longer know. */
const SESSION_REFUSALS = new Set([400, 401, 403]);
const FIRST_ERROR_STATUS = 400;

export const isRefusal = (status: number): boolean => REFUSALS.has(status);

/** Returns what a failed request means for its call. In doubt the call is `lost`. */
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
  const rejection = REFUSED_UNREAD.has(errorClass) ? undefined : rejectionIn(cause);
  const retryable = errorClass === 'rate-limit';
  const refused = new CallError('not-sent', `HTTP ${status}: ${message}`, {
    ...details,
    retryable,
  });
  const isSessionInDoubt = hasSession && SESSION_REFUSALS.has(status);
  return { error: rejection ?? refused, isSessionInDoubt };
}

/** The server no longer knows the session, so it has not processed the request. */
export function sessionLost(cause: unknown): Required<Pick<Failure, 'error' | 'linkLost'>> {
  const linkLost = new MainspringError('CONNECTION_LOST', 'the server has dropped the session');
  return { error: new CallError('not-sent', linkLost.message, { cause }), linkLost };
}

/** fetch itself only reports `fetch failed`. */
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

/** 2026-07-28 sends JSON-RPC errors with their own HTTP statuses (404 for an unknown method). */
function rejectionIn(cause: unknown): CallError | undefined {
  const text = cause instanceof SdkHttpError ? cause.data.text : undefined;
  const read = typeof text === 'string' ? readFrames(text) : 'junk';
  if (read === 'junk') return undefined;
  const [frame] = read.frames;
  if (frame === undefined || 'method' in frame || frame.id === undefined) return undefined;
  const answer = resultOf(frame);
  return answer instanceof CallError ? answer : undefined;
}
