import { type IncomingHttpHeaders } from 'node:http';
import { RpcError } from '../rpc';
import { claimedVersion } from './envelope';
import { decodeHeaderValue } from './header-value';
import { type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/**
 * Member of the params that `Mcp-Name` repeats (2026-07-28, Standard Request Headers; Tasks,
 * Routing Headers).
 */
const NAMED_BY: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/**
 * @throws RpcError -32020 when header and body have different versions, or the header is missing
 */
export function checkVersionHeader(
  headers: IncomingHttpHeaders,
  params: JsonObject | undefined,
): void {
  const header = headers['mcp-protocol-version'];
  if (header === undefined) throw mismatch('MCP-Protocol-Version is missing');
  const claimed = claimedVersion(params);
  if (claimed !== undefined && claimed !== header) {
    throw mismatch(
      `MCP-Protocol-Version is ${JSON.stringify(header)}, but the body has ${JSON.stringify(claimed)}`,
    );
  }
}

/** @throws RpcError -32020 when `Mcp-Method` or `Mcp-Name` is missing or differs from the body */
export function checkRoutingHeaders(
  headers: IncomingHttpHeaders,
  method: string,
  params: JsonObject,
): void {
  checkMethodHeader(headers, method);
  const member = Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined;
  const value = member === undefined ? undefined : params[member];
  if (typeof value !== 'string') return; // the method itself reports a missing member
  checkHeader(headers, 'Mcp-Name', value);
}

/** Checks the same for a notification, which may omit the header. */
export function checkNotificationHeaders(headers: IncomingHttpHeaders, method: string): void {
  if (headers['mcp-method'] !== undefined) checkMethodHeader(headers, method);
}

export function mismatch(what: string): RpcError {
  return new RpcError(RPC.headerMismatch, `Header mismatch: ${what}`);
}

function checkMethodHeader(headers: IncomingHttpHeaders, method: string): void {
  const header = headers['mcp-method'];
  if (header === undefined) throw mismatch('Mcp-Method is missing');
  if (header !== method) {
    const given = JSON.stringify(header);
    throw mismatch(`Mcp-Method is ${given}, but the body has ${JSON.stringify(method)}`);
  }
}

function checkHeader(headers: IncomingHttpHeaders, name: string, value: string): void {
  const header = headers[name.toLowerCase()];
  if (typeof header !== 'string') throw mismatch(`${name} is missing`);
  const decoded = decodeHeaderValue(header);
  if (decoded === undefined) throw mismatch(`${name} is not well-formed`);
  if (decoded !== value) {
    throw mismatch(
      `${name} is ${JSON.stringify(decoded)}, but the body has ${JSON.stringify(value)}`,
    );
  }
}
