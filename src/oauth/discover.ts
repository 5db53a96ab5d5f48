import {
  type AuthorizationServerMetadata,
  checkResourceAllowed,
  discoverAuthorizationServerMetadata,
  discoverOAuthProtectedResourceMetadata,
  extractWWWAuthenticateParams,
  IssuerMismatchError,
  type OAuthProtectedResourceMetadata,
  resourceUrlFromServerUrl,
} from '@modelcontextprotocol/client';
import { MainspringError, reportOf } from '../base/errors';
import { type AuthSpec } from '../domain/oauth/oauth';
import { type GuardedFetch, isSecure } from './guarded-fetch';

const PKCE_METHOD = 'S256';
const OFFLINE_ACCESS = 'offline_access';
/** Every MCP server understands a ping, and it changes nothing. */
const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });
const PING_HEADERS = {
  accept: 'application/json, text/event-stream',
  'content-type': 'application/json',
};

/** Authorization server and parameters for a login to a server. */
export interface DiscoveredAuthorization {
  authorizationServer: AuthorizationServerMetadata;
  /** Resource that the token is for, as the server spells it (RFC 8707). */
  resource?: string;
  scope?: string;
}

/**
 * Finds the authorization server of an MCP server: by its challenge, by its metadata (RFC 9728),
 * and by the metadata of the authorization server (RFC 8414, OpenID Connect). An old server without
 * metadata is its own authorization server.
 *
 * @throws MainspringError LOGIN_FAILED
 */
export async function discover(
  server: URL,
  auth: AuthSpec,
  { fetch, headersOf }: GuardedFetch,
): Promise<DiscoveredAuthorization> {
  if (!isSecure(server))
    throw failed(`${server.origin} is not encrypted, so no token is sent to it`);
  const challenge = await challengeOf(server, headersOf);
  const protectedResource = await resourceMetadata(server, challenge.resourceMetadataUrl, fetch);
  if (protectedResource) checkResource(server, protectedResource);
  const [issuer = new URL('/', server).href] = protectedResource?.authorization_servers ?? [];
  const authorizationServer = await authorizationServerOf(issuer, fetch);
  if (!authorizationServer) {
    throw failed(
      `${server.origin} does not describe how to log in, and "${issuer}" is not an OAuth server`,
    );
  }
  if (!authorizationServer.code_challenge_methods_supported?.includes(PKCE_METHOD)) {
    throw failed(`${authorizationServer.issuer} does not support PKCE with ${PKCE_METHOD}`);
  }
  const resource = auth.resource ?? protectedResource?.resource;
  const requestedScope =
    auth.scopes?.join(' ') ?? challenge.scope ?? protectedResource?.scopes_supported?.join(' ');
  const scope = withOfflineAccess(requestedScope, authorizationServer);
  return {
    authorizationServer,
    ...(resource !== undefined && { resource }),
    ...(scope && { scope }),
  };
}

async function challengeOf(server: URL, headersOf: GuardedFetch['headersOf']) {
  try {
    const refusal = await headersOf(server, { method: 'POST', headers: PING_HEADERS, body: PING });
    const challenge = extractWWWAuthenticateParams(refusal);
    if (challenge.resourceMetadataUrl) return challenge;
    // A server that serves HTTP+SSE or WebSockets may support no other request.
    const streamRefusal = await headersOf(server, { headers: { accept: 'text/event-stream' } });
    return { ...challenge, ...definedOf(extractWWWAuthenticateParams(streamRefusal)) };
  } catch (error) {
    throw explained(error, `cannot find out how to log in to ${server.origin}`);
  }
}

function definedOf<T extends object>(members: T): Partial<T> {
  const defined = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Partial<T>; // fewer members of the same
}

async function resourceMetadata(
  server: URL,
  metadataUrl: URL | undefined,
  fetch: GuardedFetch['fetch'],
): Promise<OAuthProtectedResourceMetadata | undefined> {
  try {
    const options = metadataUrl && { resourceMetadataUrl: metadataUrl };
    return await discoverOAuthProtectedResourceMetadata(server, options, fetch);
  } catch (error) {
    // Old servers have no metadata at the well-known URL.
    if (!metadataUrl && !(error instanceof MainspringError) && !(error instanceof TypeError)) {
      return undefined;
    }
    throw explained(error, 'the metadata of the server cannot be read');
  }
}

/** Keeps a server from making us request a token for another one. */
function checkResource(server: URL, { resource }: OAuthProtectedResourceMetadata): void {
  const requestedResource = resourceUrlFromServerUrl(server);
  if (checkResourceAllowed({ requestedResource, configuredResource: resource })) return;
  throw failed(`the metadata of ${server.href} belongs to ${resource}`);
}

async function authorizationServerOf(
  issuer: string,
  fetchFn: GuardedFetch['fetch'],
): Promise<AuthorizationServerMetadata | undefined> {
  try {
    return await discoverAuthorizationServerMetadata(issuer, { fetchFn });
  } catch (error) {
    if (error instanceof IssuerMismatchError) {
      throw failed(`the metadata at ${issuer} belongs to another authorization server`);
    }
    throw explained(error, `the metadata of ${issuer} cannot be read`);
  }
}

/**
 * Adds the scope `offline_access` if the server supports it: some issue refresh tokens only for it.
 */
function withOfflineAccess(
  scope: string | undefined,
  { scopes_supported: supported = [] }: AuthorizationServerMetadata,
): string | undefined {
  if (!scope || !supported.includes(OFFLINE_ACCESS)) return scope;
  return [...new Set([...scope.split(' '), OFFLINE_ACCESS])].join(' ');
}

/**
 * Returns our own error as it is, or wraps another one in LOGIN_FAILED with the original as its
 * cause.
 */
export function explained(error: unknown, what: string): MainspringError {
  if (error instanceof MainspringError) return error;
  const cause = error instanceof Error ? error.cause : undefined;
  if (cause instanceof MainspringError) return cause;
  const { message } = reportOf(cause instanceof Error ? cause : error);
  return failed(`${what}: ${message}`, error);
}

export function failed(why: string, cause?: unknown): MainspringError {
  return new MainspringError('LOGIN_FAILED', `The login failed: ${why}.`, { cause });
}
