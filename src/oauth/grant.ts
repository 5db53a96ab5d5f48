import { type AuthorizationServerMetadata, type OAuthTokens } from '@modelcontextprotocol/client';
import { type ErrorReport } from '../base/errors';
import { type GrantView } from '../domain/oauth/oauth';
import { type AddressClass } from '../net/address-class';

/** Who we are for an authorization server. */
export interface OAuthClient {
  client_id: string;
  client_secret?: string;
  token_endpoint_auth_method?: string;
  /** Where it comes from: only what we have registered ourselves, and what still works, may be used by a later login. */
  origin: 'config' | 'metadata' | 'registered' | 'refused';
}

export interface Tokens {
  access: string;
  refresh?: string;
  obtainedAtMs: number;
  expiresAtMs?: number;
}

/** What a login has led to, with all that renewing and revoking it takes. It holds secrets and is stored only sealed. */
export interface Grant {
  /** Where the access token may be sent, and nowhere else. */
  serverUrl: string;
  /** How far away the server was at the login: its authorization server may be as near, and no nearer. */
  from?: AddressClass;
  authorizationServer: AuthorizationServerMetadata;
  client: OAuthClient;
  /** The client is registered for it. */
  redirectUri: string;
  resource?: string;
  scope?: string;
  tokens: Tokens;
  /** Its tokens are of no use any more; the registration of the client may be. */
  ended?: ErrorReport;
}

/** The tokens of an answer, whose expiry counts from when they were asked for. */
export function tokensOf(answer: OAuthTokens, askedAtMs: number, known?: Tokens): Tokens {
  const { access_token: access, refresh_token: refresh, expires_in: seconds } = answer;
  return {
    access,
    ...((refresh ?? known?.refresh) && { refresh: refresh ?? known?.refresh }),
    obtainedAtMs: askedAtMs,
    ...(seconds !== undefined && { expiresAtMs: askedAtMs + seconds * 1_000 }),
  };
}

/** What others may know of a grant. */
export function viewOf(version: number, { tokens, ended }: Grant): GrantView {
  const { refresh, expiresAtMs } = tokens;
  return {
    version,
    isRenewable: refresh !== undefined,
    ...(expiresAtMs !== undefined && { expiresAtMs }),
    ...(ended && { ended }),
  };
}

/** Whether a grant was given for this URL: tokens never go elsewhere, also when the config of a server is changed. */
export function isFor({ serverUrl }: Grant, url: string): boolean {
  return placeOf(serverUrl) === placeOf(url);
}

function placeOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
