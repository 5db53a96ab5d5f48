import { isNativeError } from 'node:util/types';
import { SdkHttpError } from '@modelcontextprotocol/client';
import { type ErrorClass } from '../domain/error-class';
import { MainspringError } from '../domain/errors';
import { resultOf } from './answer';
import { CallError } from './call-error';
import { neverConnected } from './connect-error';
import { classOfLoss, classOfStatus } from './error-classes';
import { readFrames } from './frames';

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

interface Failure {
  error: CallError;
  /** The connection is of no use any more and has to be opened again. */
  linkLost?: MainspringError;
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
const FIRST_ERROR_STATUS = 400;

export const isRefusal = (status: number): boolean => REFUSALS.has(status);

/** What it means for a call that its request failed with `cause` and not with an answer. In doubt it is `lost`. */
export function callFailure(cause: unknown, attempt: Attempt): Failure {
  const { isSent, status, mayHaveRun, hasSession, retryAfterMs } = attempt;
  const message = isNativeError(cause) ? cause.message : String(cause);
  if (!isSent) return { error: new CallError('not-sent', message, { cause }) };
  if (status === undefined) return unanswered(cause, message);
  const isError = status >= FIRST_ERROR_STATUS;
  const errorClass = isError ? classOfStatus(status) : classOfLoss(cause);
  const details = { cause, errorClass, ...(isError && { retryAfterMs }) };
  const lost = new CallError('lost', `HTTP ${status}: ${message}`, details);
  if (mayHaveRun) return { error: rejectionIn(cause) ?? lost };
  if (!isRefusal(status)) return { error: lost };
  if (hasSession && (status === 404 || (status === 400 && /session/i.test(message)))) {
    const linkLost = new MainspringError('CONNECTION_LOST', 'the server has dropped the session');
    return { error: new CallError('not-sent', linkLost.message, { cause }), linkLost };
  }
  const rejection = AT_THE_DOOR.has(errorClass) ? undefined : rejectionIn(cause);
  const retryable = errorClass === 'rate-limit';
  const refused = new CallError('not-sent', `HTTP ${status}: ${message}`, {
    ...details,
    retryable,
  });
  return { error: rejection ?? refused };
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
