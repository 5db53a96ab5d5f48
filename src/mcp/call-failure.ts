import { isNativeError } from 'node:util/types';
import { SdkHttpError } from '@modelcontextprotocol/client';
import { MainspringError } from '../domain/errors';
import { resultOf } from './answer';
import { CallError } from './call-error';
import { neverConnected } from './connect-error';
import { parseFrames } from './frames';

interface Attempt {
  isSent: boolean;
  /** HTTP status of the response, if one came. */
  status: number | undefined;
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
const REFUSALS = new Set([400, 401, 403, 404, 405, 406, 407, 413, 415, 421, 429, 431]);
const TOO_MANY_REQUESTS = 429;

/** What it means for a call that its request failed with `cause` and not with an answer. In doubt it is `lost`. */
export function callFailure(cause: unknown, { isSent, status, hasSession }: Attempt): Failure {
  const message = isNativeError(cause) ? cause.message : String(cause);
  if (!isSent) return { error: new CallError('not-sent', message, { cause }) };
  if (status === undefined) {
    if (!neverConnected(cause)) return { error: new CallError('lost', message, { cause }) };
    const linkLost = new MainspringError(
      'CONNECTION_LOST',
      `the server is not reachable: ${message}`,
      { cause },
    );
    return { error: new CallError('not-sent', message, { cause }), linkLost };
  }
  if (!REFUSALS.has(status)) {
    return { error: new CallError('lost', `HTTP ${status}: ${message}`, { cause }) };
  }
  if (hasSession && (status === 404 || (status === 400 && /session/i.test(message)))) {
    const linkLost = new MainspringError('CONNECTION_LOST', 'the server has dropped the session');
    return { error: new CallError('not-sent', linkLost.message, { cause }), linkLost };
  }
  const retryable = status === TOO_MANY_REQUESTS;
  const refused = new CallError('not-sent', `HTTP ${status}: ${message}`, { cause, retryable });
  return { error: rejectionIn(cause) ?? refused };
}

/** 2026-07-28 sends JSON-RPC errors with statuses of their own (404 for an unknown method). */
function rejectionIn(cause: unknown): CallError | undefined {
  const text = cause instanceof SdkHttpError ? cause.data.text : undefined;
  const frames = typeof text === 'string' ? parseFrames(text) : 'junk';
  if (!Array.isArray(frames)) return undefined;
  const [frame] = frames;
  if (frame === undefined || 'method' in frame || frame.id === undefined) return undefined;
  const answer = resultOf(frame);
  return answer instanceof CallError ? answer : undefined;
}
