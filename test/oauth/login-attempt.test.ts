import { type AuthSpec } from '../../src/domain/oauth/oauth';
import { type Grant } from '../../src/oauth/grant';
import { createGuardedFetch } from '../../src/oauth/guarded-fetch';
import { beginLogin, type LoginAttempt } from '../../src/oauth/login-attempt';
import { listenForRedirect } from '../../src/oauth/redirect-listener';
import { allow, type OAuthServer, startOAuthServer } from './servers';

const REDIRECT = 'http://127.0.0.1:4711/callback';

interface Wanted {
  auth?: AuthSpec;
  known?: Grant;
  redirectUri?: string;
}

async function begin(
  { url }: Pick<OAuthServer, 'url'>,
  { auth = {}, known, redirectUri = REDIRECT }: Wanted = {},
): Promise<LoginAttempt> {
  const guarded = await createGuardedFetch(new URL(url));
  return beginLogin({ url, auth, previousGrant: known, redirectUri, guarded });
}

async function logIn(server: OAuthServer, wanted: Wanted = {}): Promise<Grant> {
  const attempt = await begin(server, wanted);
  return attempt.finish(await allow(attempt.authorizationUrl.href));
}

test('a login finds its authorization server, registers a client, and asks for exactly this server', async () => {
  const server = await startOAuthServer();
  const grant = await logIn(server);
  expect(grant).toMatchObject({
    serverUrl: server.url,
    resource: server.url,
    scope: 'read write',
    client: { origin: 'registered', client_id: 'client-1' },
    redirectUri: REDIRECT,
  });
  expect(grant.tokens.expiresAtMs).toBeGreaterThan(Date.now());
  expect(server.state.authorizations).toEqual([
    expect.objectContaining({
      code_challenge_method: 'S256',
      resource: server.url,
      redirect_uri: REDIRECT,
      response_type: 'code',
    }),
  ]);
  expect(server.state.clients).toMatchObject([
    { token_endpoint_auth_method: 'none', application_type: 'native' },
  ]);
});

test('a later login uses the registration again, unless its redirect is another one', async () => {
  const server = await startOAuthServer();
  const known = await logIn(server);
  await logIn(server, { known });
  expect(server.state.clients).toHaveLength(1);
  await logIn(server, { known, redirectUri: 'http://127.0.0.1:4712/callback' });
  const refused: Grant = { ...known, client: { ...known.client, origin: 'refused' } };
  await logIn(server, { known: refused });
  expect(server.state.clients).toHaveLength(3);
});

test('what the config says goes first: client, scopes, metadata document', async () => {
  const server = await startOAuthServer({ registration: false, metadataDocuments: true });
  const clientMetadataUrl = 'https://example.com/mainspring/client.json';
  const byDocument = await logIn(server, { auth: { clientMetadataUrl, scopes: ['read'] } });
  expect(byDocument.client).toMatchObject({ client_id: clientMetadataUrl, origin: 'metadata' });
  const byHand = await logIn(server, { auth: { clientId: 'by-hand', clientMetadataUrl } });
  expect(byHand.client).toEqual({ client_id: 'by-hand', origin: 'config' });
  expect(server.state.authorizations.map(({ scope }) => scope)).toEqual(['read', 'read write']);
  await expect(begin(server)).rejects.toThrow('does not support dynamic client registration');
});

test('an answer of another login, and the same one twice, is refused', async () => {
  const server = await startOAuthServer();
  const attempt = await begin(server);
  const other = await begin(server);
  const redirected = await allow(attempt.authorizationUrl.href);
  expect(other.isMine(redirected)).toBe(false);
  await expect(other.finish(redirected)).rejects.toThrow('does not belong to this login');
  await attempt.finish(redirected);
  await expect(attempt.finish(redirected)).rejects.toThrow('does not belong to this login');
  expect(server.state.exchanges).toBe(1);
});

test('an answer that says that it is from somebody else is refused, and not repeated', async () => {
  const server = await startOAuthServer({ iss: 'https://evil.example' });
  const attempt = await begin(server);
  const redirected = await allow(attempt.authorizationUrl.href);
  const refusal = attempt.finish(redirected);
  await expect(refusal).rejects.toThrow(`does not come from ${server.issuer}`);
  await expect(refusal).rejects.not.toThrow('evil');
  const without = await begin(server);
  const anonymous = await allow(without.authorizationUrl.href);
  anonymous.searchParams.delete('iss');
  await expect(without.finish(anonymous)).rejects.toThrow('does not come from');
  expect(server.state.exchanges).toBe(0);
});

test('what an authorization server must have, and what metadata must not say', async () => {
  const noPkce = await startOAuthServer({ pkce: undefined });
  await expect(begin(noPkce)).rejects.toThrow('does not support PKCE');
  const foreign = await startOAuthServer({ resource: 'https://other.example/mcp' });
  await expect(begin(foreign)).rejects.toThrow('belongs to https://other.example/mcp');
  const honest = await startOAuthServer();
  const mixedUp = await startOAuthServer({ authorizationServer: `${honest.issuer}/tenant` });
  await expect(begin(mixedUp)).rejects.toThrow();
  const inside = await startOAuthServer({ authorizationServer: 'http://169.254.169.254/latest' });
  await expect(begin(inside)).rejects.toThrow('No access token was requested');
  await expect(begin({ url: 'http://example.com/mcp' })).rejects.toThrow('not encrypted');
});

test('a user who does not allow it', async () => {
  const server = await startOAuthServer();
  const attempt = await begin(server);
  const denied = await allow(attempt.authorizationUrl.href);
  denied.searchParams.delete('code');
  denied.searchParams.set('error', 'access_denied');
  denied.searchParams.set('error_description', 'text of somebody');
  await expect(attempt.finish(denied)).rejects.toThrow('the response was access_denied');
});

test('the browser comes back to this machine, once, and only with the right state', async () => {
  const listener = await listenForRedirect();
  const isMine = (url: URL) => url.searchParams.get('state') === 'right';
  const back = listener.redirected(isMine);
  const status = async (query: string, init?: RequestInit) =>
    (await fetch(`${listener.redirectUri}${query}`, init)).status;
  expect(await status('?state=wrong&code=1')).toBe(400);
  expect(await status('?state=right&code=1', { method: 'POST' })).toBe(404);
  expect(await status('?state=right&code=1')).toBe(200);
  expect((await back).searchParams.get('code')).toBe('1');
  expect(await status('?state=right&code=2')).toBe(400);
  const taken = Number(new URL(listener.redirectUri).port);
  const second = await listenForRedirect({ preferred: taken });
  expect(second.redirectUri).not.toBe(listener.redirectUri);
  await expect(listenForRedirect({ fixed: taken })).rejects.toThrow(`port ${taken}`);
  second.close();
  listener.close();
});
