import { type ErrorClass } from '../../domain/calls/error-class';
import { MainspringError } from '../../base/errors';
import { isOtherContent } from '../session/connect-error';
import { RPC } from '../../base/jsonrpc';

/** Range that JSON-RPC reserves for errors of servers. */
const SERVER_ERRORS = { from: -32099, to: -32000 };

/** Classifies a JSON-RPC error: the server failed, or the request was wrong. */
export function classOfRpcCode(code: number): ErrorClass {
  const isOfServer = code >= SERVER_ERRORS.from && code <= SERVER_ERRORS.to;
  return isOfServer || code === RPC.internalError ? 'server' : 'tool';
}

/**
 * Classifies an HTTP error status. One that MCP does not use there is `protocol`; other 4xx blame
 * the request.
 */
export function classOfStatus(status: number): ErrorClass {
  if (status >= 500) return 'server';
  switch (status) {
    case 401:
    case 403:
    case 407:
      return 'auth';
    case 429:
      return 'rate-limit';
    case 404:
    case 405:
    case 406:
    case 415:
      return 'protocol';
    default:
      return 'tool';
  }
}

/**
 * Classifies a connection that ended before the answer came, or an answer that could not be read.
 */
export function classOfLoss(cause: unknown): ErrorClass {
  if (cause instanceof SyntaxError || isOtherContent(cause)) return 'protocol';
  const hasExited = cause instanceof MainspringError && cause.code === 'SERVER_EXITED';
  return hasExited ? 'crash' : 'network';
}
