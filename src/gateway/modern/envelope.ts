import { isLogLevel } from '../../domain/catalogue/log-levels';
import { checkClientText } from '../calls/client-meta';
import { RpcError } from '../rpc';
import { META, SUPPORTED_VERSIONS } from '../../base/mcp-names';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/** Metadata that every request of the modern era carries. */
export interface Envelope {
  /** `_meta` as the client sent it. */
  meta: JsonObject;
  capabilities: JsonObject;
  clientInfo?: JsonObject;
  logLevel?: string;
}

/** Returns the version that a request claims; undefined if it claims none. */
export function claimedVersion(params: JsonObject | undefined): string | undefined {
  const meta = params?._meta;
  const version = isJsonObject(meta) ? meta[META.version] : undefined;
  return typeof version === 'string' ? version : undefined;
}

/** @throws RpcError -32602 when a required member is missing or wrong, -32022 when the version is not supported */
export function readEnvelope(params: JsonObject | undefined): Envelope {
  const meta = params?._meta;
  if (!isJsonObject(meta)) throw invalid('_meta', 'an object');
  const version = meta[META.version];
  if (typeof version !== 'string') throw invalid(META.version, 'a string');
  if (!SUPPORTED_VERSIONS.includes(version)) throw unsupportedVersion(version);
  const capabilities = meta[META.capabilities];
  if (!isJsonObject(capabilities)) throw invalid(META.capabilities, 'an object');
  const { [META.clientInfo]: clientInfo, [META.logLevel]: logLevel } = meta;
  if (clientInfo !== undefined && !isJsonObject(clientInfo)) {
    throw invalid(META.clientInfo, 'an object');
  }
  if (logLevel !== undefined && !isLogLevel(logLevel)) {
    throw invalid(META.logLevel, 'a log level');
  }
  checkClientText(META.capabilities, capabilities);
  if (clientInfo !== undefined) checkClientText(META.clientInfo, clientInfo);
  return {
    meta,
    capabilities,
    ...(clientInfo !== undefined && { clientInfo }),
    ...(typeof logLevel === 'string' && { logLevel }),
  };
}

function unsupportedVersion(requested: string): RpcError {
  const data = { supported: SUPPORTED_VERSIONS, requested };
  return new RpcError(RPC.unsupportedVersion, 'Unsupported protocol version', data);
}

function invalid(member: string, expected: string): RpcError {
  const message = `Invalid params: ${member} is missing or not ${expected}`;
  return new RpcError(RPC.invalidParams, message);
}
