import { OAuthError, OAuthErrorCode, refreshAuthorization } from '@modelcontextprotocol/client';
import { MainspringError } from '../base/errors';
import { type GrantView, loginRequired, type RenewGrantInput } from '../domain/oauth/oauth';
import { explained } from './discover';
import { type Grant, tokensOf, viewOf } from './grant';
import { type SealedGrants, type OpenedGrant } from './grant-storage';
import { createGuardedFetch } from './guarded-fetch';

/**
 * Errors of an authorization server that may be temporary; after any other only a new login helps.
 */
const TEMPORARY_ERRORS: ReadonlySet<string> = new Set([
  OAuthErrorCode.ServerError,
  OAuthErrorCode.TemporarilyUnavailable,
  OAuthErrorCode.TooManyRequests,
]);
const CLIENT_ERRORS: ReadonlySet<string> = new Set([
  OAuthErrorCode.InvalidClient,
  OAuthErrorCode.UnauthorizedClient,
]);

/**
 * Gets new tokens for a grant, unless the stored ones are newer than the version that no longer
 * works, and stores them. A refresh token may be valid for one use, so only one caller may do this
 * at a time (workflow `mcpToken`).
 *
 * @throws MainspringError CONNECTION_FAILED when the authorization server does not respond now
 */
export async function renewGrant(
  grants: SealedGrants,
  { staleVersion, ...key }: RenewGrantInput,
  signal?: AbortSignal,
): Promise<GrantView | null> {
  const stored = await grants.get(key);
  if (!stored) return null;
  const { version, grant } = stored;
  if (version > staleVersion || grant.ended) return viewOf(version, grant);
  const renewed = await renewedGrant(key.server, stored, signal);
  const newVersion = await grants.put(key, renewed, version);
  if (newVersion !== undefined) return viewOf(newVersion, renewed);
  // A login or logout that happened meanwhile takes precedence.
  const current = await grants.get(key);
  return current ? viewOf(current.version, current.grant) : null;
}

async function renewedGrant(
  server: string,
  { grant }: OpenedGrant,
  signal: AbortSignal | undefined,
): Promise<Grant> {
  const { authorizationServer, client, resource, tokens } = grant;
  const end = (why: string): Grant => ({ ...grant, ended: loginRequired(server, why) });
  if (tokens.refresh === undefined) return end('its access token has expired');
  const guarded = await createGuardedFetch(new URL(grant.serverUrl), { signal, from: grant.from });
  const requestedAtMs = Date.now();
  try {
    const answer = await refreshAuthorization(authorizationServer.issuer, {
      metadata: authorizationServer,
      clientInformation: client,
      refreshToken: tokens.refresh,
      resource,
      fetchFn: guarded.fetch,
    });
    return { ...grant, tokens: tokensOf(answer, requestedAtMs, tokens) };
  } catch (error) {
    if (!(error instanceof OAuthError) || TEMPORARY_ERRORS.has(error.code)) {
      throw unanswered(authorizationServer.issuer, error);
    }
    // The description of the error may repeat the token.
    const ended = end(
      `the last one is no longer valid (${authorizationServer.issuer} returned ${error.code})`,
    );
    if (!CLIENT_ERRORS.has(error.code)) return ended;
    return { ...ended, client: { ...client, origin: 'refused' } };
  } finally {
    await guarded.close();
  }
}

function unanswered(issuer: string, error: unknown): MainspringError {
  const what = `cannot get a new access token from ${issuer}`;
  // The text of the response is not passed on: it may repeat the token.
  const message =
    error instanceof OAuthError ? `${what}: ${error.code}` : explained(error, what).message;
  return new MainspringError('CONNECTION_FAILED', message, {
    fix: 'Check that the authorization server is reachable. Mainspring retries automatically.',
  });
}
