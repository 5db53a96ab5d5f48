/**
 * Class of an error, by where it has to be fixed. Statistics, the circuit breaker and retry policies use it.
 * - `network`: the server was not reached, or the connection broke.
 * - `protocol`: what the server sent was not valid MCP.
 * - `server`: the server answered with an error of its own (HTTP 5xx, JSON-RPC internal error).
 * - `tool`: the tool answered with an error (`isError`), or the request was wrong. The server is well.
 * - `rate-limit`: the server requested a pause (HTTP 429).
 * - `auth`: the server refused the credentials (HTTP 401, 403).
 * - `timeout`: no answer in time.
 * - `crash`: the server's process, or its host, ended.
 */
export type ErrorClass =
  'network' | 'protocol' | 'server' | 'tool' | 'rate-limit' | 'auth' | 'timeout' | 'crash';

export const ERROR_CLASSES = [
  'network',
  'protocol',
  'server',
  'tool',
  'rate-limit',
  'auth',
  'timeout',
  'crash',
] as const satisfies readonly ErrorClass[];

/** Errors that mean that the server itself is not well. */
const SERVER_FAULTS: ReadonlySet<ErrorClass> = new Set<ErrorClass>([
  'network',
  'protocol',
  'server',
  'auth',
  'timeout',
  'crash',
]);

/** Whether an error of this class counts for the circuit breaker. */
export function countsAgainstServer(errorClass: ErrorClass): boolean {
  return SERVER_FAULTS.has(errorClass);
}
