import { randomBytes, timingSafeEqual } from 'node:crypto';
import {
  exchangeAuthorization,
  IssuerMismatchError,
  OAuthError,
  startAuthorization,
} from '@modelcontextprotocol/client';
import { type AuthSpec } from '../domain/oauth/oauth';
import { clientFor } from './client-registration';
import { discover, explained, failed } from './discover';
import { type Grant, tokensOf } from './grant';
import { type GuardedFetch } from './guarded-fetch';

const STATE_BYTES = 32;
const BEARER = 'bearer';

export interface LoginOptions {
  /** URL of the server, with its references resolved. */
  url: string;
  auth: AuthSpec;
  redirectUri: string;
  /** Last grant for the server, if any. */
  previousGrant: Grant | undefined;
  guarded: GuardedFetch;
}

/** Login that waits for its user. */
export interface LoginAttempt {
  /** Page where the user grants access: http or https. */
  authorizationUrl: URL;
  /** Whether a redirect belongs to this attempt, by its `state`. */
  isMine: (redirected: URL) => boolean;
  /**
   * Completes the login with the URL that the authorization server redirected the browser to. Works
   * once.
   *
   * @throws MainspringError LOGIN_FAILED
   */
  finish(redirected: URL): Promise<Grant>;
}

/** Prepares a login with PKCE (S256), its own `state`, and the resource that the token is for. */
export async function beginLogin(options: LoginOptions): Promise<LoginAttempt> {
  const { url, auth, redirectUri, guarded } = options;
  const server = httpUrlOf(url);
  const discovered = await discover(server, auth, guarded);
  const { authorizationServer, resource, scope } = discovered;
  const client = await clientFor({ ...options, ...discovered }, guarded.fetch);
  const state = randomBytes(STATE_BYTES).toString('base64url');
  const clientOptions = { metadata: authorizationServer, clientInformation: client, resource };
  const { issuer } = authorizationServer;
  const { authorizationUrl, codeVerifier } = await startAuthorization(issuer, {
    ...clientOptions,
    redirectUrl: redirectUri,
    scope,
    state,
  }).catch((error: unknown) => {
    throw explained(error, `${issuer} cannot be used`);
  });
  checkPage(authorizationUrl);
  let isUsed = false;
  const isMine = (redirected: URL) => isEqual(redirected.searchParams.get('state') ?? '', state);
  return {
    authorizationUrl,
    isMine,
    async finish(redirected) {
      if (isUsed || !isMine(redirected)) throw failed('the redirect does not belong to this login');
      isUsed = true;
      const requestedAtMs = Date.now();
      const { code, iss } = answerOf(redirected);
      const tokens = await exchangeAuthorization(issuer, {
        ...clientOptions,
        authorizationCode: code,
        iss,
        codeVerifier,
        redirectUri,
        fetchFn: guarded.fetch,
      }).catch((error: unknown) => {
        throw exchangeFailed(issuer, error);
      });
      if (tokens.token_type.toLowerCase() !== BEARER) {
        throw failed(`${issuer} issues tokens of an unsupported type`);
      }
      return {
        serverUrl: url,
        from: guarded.from,
        authorizationServer,
        client,
        redirectUri,
        ...(resource !== undefined && { resource }),
        ...((tokens.scope ?? scope) && { scope: tokens.scope ?? scope }),
        tokens: tokensOf(tokens, requestedAtMs),
      };
    },
  };
}

/** The metadata of a WebSocket server is fetched over HTTP. */
function httpUrlOf(url: string): URL {
  return new URL(url.replace(/^ws/i, 'http'));
}

/** The page opens on the user's machine, so it must be a web page. */
function checkPage({ protocol }: URL): void {
  if (protocol === 'https:' || protocol === 'http:') return;
  throw failed(`the login page is not a web page, but ${protocol}`);
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function answerOf({ searchParams }: URL): { code: string; iss: string | undefined } {
  const code = searchParams.get('code');
  const iss = searchParams.get('iss') ?? undefined;
  if (code) return { code, iss };
  // Only known codes are shown: a forged response must not put its text into our messages.
  const error = searchParams.get('error') ?? '';
  const isKnown = /^[a-z_]{1,40}$/.test(error);
  throw failed(
    isKnown ? `the response was ${error}` : 'the response has neither a code nor an error',
  );
}

function exchangeFailed(issuer: string, error: unknown) {
  if (error instanceof IssuerMismatchError) {
    // RFC 9207: the text of the response is not shown, because it may come from an attacker.
    return failed(`the response does not come from ${issuer}`);
  }
  if (error instanceof OAuthError) return failed(`${issuer} returned ${error.code}`);
  return explained(error, `cannot get a token from ${issuer}`);
}
