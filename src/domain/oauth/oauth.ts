import { type ErrorReport } from '../../base/errors';

/** What a config says of the way to an access token; everything may be found out instead. */
export interface AuthSpec {
  /** Of a client that was registered by hand. */
  clientId?: string;
  /** A reference: the specs of servers are readable in Temporal. */
  clientSecret?: string;
  /** Where the authorization server reads who we are (client id metadata document). https. */
  clientMetadataUrl?: string;
  scopes?: string[];
  /** The resource that the token is for (RFC 8707), when it is not what the server says. */
  resource?: string;
}

/** Whose access a grant is: that of the instance itself, as long as callers have none of their own. */
export const INSTANCE_PRINCIPAL = 'instance';

/** A grant is what an authorization server has given to a principal for a server. */
export interface GrantKey {
  server: string;
  principal: string;
}

/** What may be known of a grant outside the store: never a token. */
export interface GrantView {
  /** When its tokens were obtained, in ms; of two grants of one key the later one always has the higher version. */
  version: number;
  /** Of the access token; absent when nobody knows. */
  expiresAtMs?: number;
  /** It has a refresh token. */
  isRenewable: boolean;
  /** Why nothing can be done with it any more: somebody has to log in again. */
  ended?: ErrorReport;
}

/** Type of the workflow that renews one grant, by whomever it is asked. */
export const TOKEN_WORKFLOW = 'mcpToken';
export const RENEW_UPDATE = 'renew';
export const GRANTED_SIGNAL = 'granted';

/** Input of workflow `mcpToken`. */
export interface TokenInput extends GrantKey {
  /** What the run before knew. */
  carried?: GrantView;
}

/** Input of update `renew`: the version that could not be used. */
export interface RenewInput {
  staleVersion: number;
}

/** Input of activity `renewGrant`; a grant that is newer already is left as it is. */
export interface RenewGrantInput extends GrantKey, RenewInput {}

/** An access token is renewed so long before it expires, unless it lives for less than five times that. */
const RENEW_BEFORE_MS = 60_000;
const RENEW_BEFORE_SHARE = 0.2;
/** A request may be under way for so long: a token that expires meanwhile is not used any more. */
const EXPIRY_LEEWAY_MS = 2_000;
const EXPIRY_LEEWAY_SHARE = 0.05;
const FIRST_RETRY_MS = 5_000;
const MAX_RETRY_MS = 600_000;

/** When a grant is to be renewed although nobody has asked for it, in ms; undefined for never. */
export function renewAtMs({ version, expiresAtMs, isRenewable, ended }: GrantView) {
  if (ended || !isRenewable || expiresAtMs === undefined) return undefined;
  const lifetimeMs = expiresAtMs - version;
  return expiresAtMs - Math.min(RENEW_BEFORE_MS, lifetimeMs * RENEW_BEFORE_SHARE);
}

/** Whether an access token is not worth sending any more. */
export function isExpired({ version, expiresAtMs }: GrantView, nowMs: number): boolean {
  if (expiresAtMs === undefined) return false;
  const lifetimeMs = expiresAtMs - version;
  return nowMs >= expiresAtMs - Math.min(EXPIRY_LEEWAY_MS, lifetimeMs * EXPIRY_LEEWAY_SHARE);
}

/** Pause before a grant is tried to be renewed again, after so many failures in a row. */
export function renewRetryMs(failures: number): number {
  return Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.max(0, failures - 1));
}

/** That a server needs somebody to log in, and why. */
export function loginRequired(server: string, why: string): ErrorReport {
  return {
    code: 'LOGIN_REQUIRED',
    message: `"${server}" needs a login: ${why}.`,
    fix: `Log in: mainspring login ${server}.`,
  };
}
