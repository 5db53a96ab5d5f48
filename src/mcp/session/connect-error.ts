import { isNativeError } from 'node:util/types';
import {
  InsufficientScopeError,
  ProtocolError,
  SdkError,
  SdkErrorCode,
  SdkHttpError,
  SseError,
} from '@modelcontextprotocol/client';
import { MainspringError } from '../../base/errors';

/** Certificate errors that a retry cannot fix. */
const UNTRUSTED = new Set([
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

/** Errors that occur before a byte of the request can have been sent. */
const NEVER_CONNECTED = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['UND_ERR_CONNECT_TIMEOUT', ...UNTRUSTED],
]);
const MAX_CAUSES = 5;
const FIRST_SERVER_ERROR = 500;
/** Timeout, too early, too many requests. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 425, 429]);

const HTTP_FIXES: Readonly<Record<number, string>> = {
  401: 'Log in (mainspring login <name>), or give the credentials in "headers", for example { "Authorization": "Bearer ${TOKEN}" }.',
  403: 'Check that the credentials in "headers" are allowed to use this server.',
  404: 'Check the path of the URL; many servers listen on /mcp or /sse.',
  405: 'Check the type: "http" is Streamable HTTP, "sse" is the older HTTP+SSE.',
};

/** Explains why a server could not be connected, and what to change. */
export function connectError(server: string, error: unknown): MainspringError {
  const own = causesOf(error).find((cause) => cause instanceof MainspringError);
  if (own) return own;
  const lacking = causesOf(error).find((cause) => cause instanceof InsufficientScopeError);
  if (lacking) return lackingScope(server, lacking);
  if (error instanceof ProtocolError) {
    const message = `"${server}" refused the handshake: ${error.message} (${error.code})`;
    return new MainspringError('HANDSHAKE_FAILED', message, { cause: error });
  }
  const status = statusOf(error);
  if (isOtherContent(error) || (status !== undefined && status < 300)) {
    return new MainspringError('CONNECTION_FAILED', `"${server}" did not respond with MCP`, {
      fix: 'Check the URL, which seems to point to a web page, and the type.',
      cause: error,
    });
  }
  if (status !== undefined) {
    return new MainspringError('CONNECTION_FAILED', `"${server}" returned HTTP ${status}`, {
      fix: HTTP_FIXES[status],
      cause: error,
    });
  }
  if (isNetworkFailure(error)) {
    const message = `"${server}" cannot be reached: ${rootMessage(error)}`;
    return new MainspringError('CONNECTION_FAILED', message, { cause: error });
  }
  return new MainspringError('HANDSHAKE_FAILED', `"${server}": ${rootMessage(error)}`, {
    cause: error,
  });
}

/** The scope comes from the server: it is shown only if it is safe in a shell command. */
function lackingScope(server: string, error: InsufficientScopeError): MainspringError {
  const { requiredScope = '' } = error;
  const isPlain = /^[A-Za-z0-9:._/ -]{1,500}$/.test(requiredScope);
  const option = isPlain ? ` --scope '${requiredScope}'` : '';
  return new MainspringError('LOGIN_REQUIRED', `"${server}" needs a login with more permissions`, {
    fix: `Log in: mainspring login ${server}${option}.`,
    cause: error,
  });
}

/**
 * Whether a server may be available on the next attempt: nothing listens yet, or it is not ready.
 */
export function isAway(error: MainspringError): boolean {
  if (error.code === 'HANDSHAKE_TIMEOUT') return true;
  if (error.code !== 'CONNECTION_FAILED') return false;
  const status = statusOf(error.cause);
  if (status !== undefined) return status >= FIRST_SERVER_ERROR || TEMPORARY_STATUSES.has(status);
  return isNetworkFailure(error.cause) && !isOtherContent(error.cause) && !isUntrusted(error.cause);
}

/** Whether an HTTP response had a content type that MCP does not use. */
export function isOtherContent(error: unknown): boolean {
  return causesOf(error).some(
    (cause) => cause instanceof SdkError && cause.code === SdkErrorCode.ClientHttpUnexpectedContent,
  );
}

/** Recognises the errors of fetch, EventSource and WebSocket for a missing connection. */
function isNetworkFailure(error: unknown): boolean {
  const isFetch = causesOf(error).some(({ message }) => message === 'fetch failed');
  return isFetch || error instanceof SseError || networkCode(error) !== undefined;
}

/** Whether a request failed before it had a connection. */
export function neverConnected(error: unknown): boolean {
  const code = networkCode(error);
  return code !== undefined && NEVER_CONNECTED.has(code);
}

function isUntrusted(error: unknown): boolean {
  return UNTRUSTED.has(networkCode(error) ?? '');
}

/** Returns the code of the network error behind an error of fetch, EventSource or WebSocket. */
function networkCode(error: unknown): string | undefined {
  const codes = causesOf(error).map((cause) =>
    'code' in cause && !(cause instanceof SdkError) ? cause.code : undefined,
  );
  return codes.find(
    (code): code is string =>
      typeof code === 'string' && /^(E|UND_ERR|CERT|SELF_|UNABLE_|DEPTH_)[A-Z_]+$/.test(code),
  );
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof SdkHttpError) return error.status;
  // EventSource puts the status into `code`, WebSocket only into the message.
  if (!isNativeError(error)) return undefined;
  if ('code' in error && typeof error.code === 'number') return error.code;
  const text = /Unexpected server response: (\d{3})/.exec(error.message)?.[1];
  return text === undefined ? undefined : Number(text);
}

/** Returns the message of the root cause of an error such as `fetch failed`. */
export function rootMessage(error: unknown): string {
  const root = causesOf(error).at(-1);
  if (root === undefined) return String(error);
  // Node's AggregateError for a refused `localhost` (IPv6 and IPv4) has no message.
  if (root instanceof AggregateError && root.message === '')
    return root.errors.map(String).join(', ');
  return root.message;
}

function causesOf(error: unknown): Error[] {
  const causes: Error[] = [];
  for (let cause = error; isNativeError(cause) && causes.length < MAX_CAUSES; cause = cause.cause) {
    causes.push(cause);
  }
  return causes;
}
