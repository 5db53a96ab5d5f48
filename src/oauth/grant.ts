import { type AuthorizationServerMetadata, type OAuthTokens } from '@modelcontextprotocol/client';
import { type ErrorReport } from '../base/errors';
import { type GrantView } from '../domain/oauth/oauth';
import { type AddressClass } from '../net/address-class';

/** Identity of Mainspring at an authorization server. */
export interface OAuthClient {
  client_id: string;
  client_secret?: string;
  token_endpoint_auth_method?: string;
  /**
   * Origin of the client: a later login may reuse only one that we registered ourselves and that
   * still works.
   */
  origin: 'config' | 'metadata' | 'registered' | 'refused';
}

export interface Tokens {
  access: string;
  refresh?: string;
  obtainedAtMs: number;
  expiresAtMs?: number;
}

/**
 * Result of a login, with everything needed to renew and revoke it. It holds secrets and is stored
 * only sealed.
 */
export interface Grant {
  /** URL that the access token may be sent to, and no other. */
  serverUrl: string;
  /**
   * Address class of the server at the login. Its authorization server may be as near, but no
   * nearer.
   */
  from?: AddressClass;
  authorizationServer: AuthorizationServerMetadata;
  client: OAuthClient;
  /** Redirect URI that the client is registered for. */
  redirectUri: string;
  resource?: string;
  scope?: string;
  tokens: Tokens;
  /** Set when the tokens are no longer usable; the registration of the client may still be. */
  ended?: ErrorReport;
}

/** Returns the tokens of a response. Their expiry counts from the time of the request. */
export function tokensOf(answer: OAuthTokens, requestedAtMs: number, previous?: Tokens): Tokens {
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = answer;
  return {
    access,
    ...((refresh ?? previous?.refresh) && { refresh: refresh ?? previous?.refresh }),
    obtainedAtMs: requestedAtMs,
    ...(seconds !== undefined && { expiresAtMs: requestedAtMs + seconds * 1_000 }),
  };
}

/** Returns the part of a grant that is not secret. */
export function viewOf(version: number, { tokens, ended }: Grant): GrantView {
  const { refresh, expiresAtMs } = tokens;
  return {
    version,
    isRenewable: refresh !== undefined,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(ended && { ended }),
  };
}

/**
 * Whether a grant was given for this URL. Tokens never go elsewhere, even if the config of a server
 * changes.
 */
export function isFor({ serverUrl }: Grant, url: string): boolean {
  return urlWithoutQuery(serverUrl) === urlWithoutQuery(url);
}

function urlWithoutQuery(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
