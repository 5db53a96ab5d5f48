import { type ErrorReport } from '../../base/errors';

/** Login settings of a config; all of them can be discovered instead. */
export interface AuthSpec {
  /** ID of a client that was registered by hand. */
  clientId?: string;
  /** Secret as a reference: the specs of servers are readable in Temporal. */
  clientSecret?: string;
  /** URL at which the authorization server reads who we are (client ID metadata document). https. */
  clientMetadataUrl?: string;
  scopes?: string[];
  /** Resource that the token is for (RFC 8707), when it differs from what the server declares. */
  resource?: string;
}

/** Principal of the grants of the instance itself, which callers without their own use. */
export const INSTANCE_PRINCIPAL = 'instance';

/** Key of a grant, which an authorization server has issued to a principal for a server. */
export interface GrantKey {
  server: string;
  principal: string;
}

/** Facts about a grant that may be known outside the store: never a token. */
export interface GrantView {
  /** Time at which its tokens were obtained, in ms; of two grants of one key the later one always has the higher version. */
  version: number;
  /** Expiry of the access token; absent when it is unknown. */
  expiresAtMs?: number;
  /** Whether it has a refresh token. */
  isRenewable: boolean;
  /** Reason why it can no longer be used: a new login is needed. */
  ended?: ErrorReport;
}

/** Type of the workflow that renews one grant, whoever requests it. */
export const TOKEN_WORKFLOW = 'mcpToken';
export const RENEW_UPDATE = 'renew';
export const GRANTED_SIGNAL = 'granted';

/** Input of workflow `mcpToken`. */
export interface TokenInput extends GrantKey {
  /** Grant as the previous run knew it. */
  carried?: GrantView;
}

/** Input of update `renew`: the version that could not be used. */
export interface RenewInput {
  staleVersion: number;
}

/** Input of activity `renewGrant`; a grant that is already newer is left as it is. */
export interface RenewGrantInput extends GrantKey, RenewInput {}

/** Time before its expiry at which an access token is renewed, unless it lives for less than five times that. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_BEFORE_SHARE = 0.2;
/** Time that a request may be under way: a token that expires meanwhile is no longer used. */
const EXPIRY_LEEWAY_MS = 2_000;
const EXPIRY_LEEWAY_SHARE = 0.05;
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 600_000;

/** Returns the time at which a grant is renewed without a request, in ms; undefined for never. */
export function renewAtMs({ version, expiresAtMs, isRenewable, ended }: GrantView) {
  if (ended || !isRenewable || expiresAtMs === undefined) return undefined;
  const lifetimeMs = expiresAtMs - version;
  return expiresAtMs - Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE);
}

/** Whether an access token is no longer worth sending. */
export function isExpired({ version, expiresAtMs }: GrantView, nowMs: number): boolean {
  if (expiresAtMs === undefined) return false;
  const lifetimeMs = expiresAtMs - version;
  return nowMs >= expiresAtMs - Math.min(EXPIRY_LEEWAY_MS, lifetimeMs * EXPIRY_LEEWAY_SHARE);
}

/** Returns the pause before a renewal is retried, after so many consecutive failures. */
export function renewRetryMs(failures: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
}

/** Returns the error of a server that needs a login, with the reason. */
export function loginRequired(server: string, why: string): ErrorReport {
  return {
    code: 'LOGIN_REQUIRED',
    message: `"${server}" needs a login: ${why}.`,
    fix: `Log in: mainspring login ${server}.`,
  };
}
