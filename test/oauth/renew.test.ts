import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { INSTANCE_PRINCIPAL } from '../../src/domain/oauth/oauth';
import { type SealedGrants, openSealedGrants } from '../../src/oauth/grant-storage';
import { createGuardedFetch } from '../../src/oauth/guarded-fetch';
import { beginLogin } from '../../src/oauth/login-attempt';
import { renewGrant } from '../../src/oauth/renew';
import { revokeGrant } from '../../src/oauth/revoke';
import { createSeal } from '../../src/base/seal';
import { openStore } from '../../src/store/open-store';
import { type Store } from '../../src/store/store';
import { allow, type OAuthServer, startOAuthServer } from './servers';

const KEY = { server: 'files', principal: INSTANCE_PRINCIPAL };

let home: string;
let store: Store;
let grants: SealedGrants;
let server: OAuthServer;

beforeEach(async () => {
  home = mkdtempSync(path.join(os.tmpdir(), 'mainspring-oauth-'));
  store = await openStore(home);
  grants = openSealedGrants(store.grants, Buffer.alloc(32, 1));
  server = await startOAuthServer();
});
afterEach(async () => {
  await store.close();
  rmSync(home, { recursive: true, force: true });
});

async function logIn(): Promise<number> {
  const guarded = await createGuardedFetch(new URL(server.url));
  const redirectUri = 'http://127.0.0.1:4711/callback';
  const login = { url: server.url, auth: {}, previousGrant: undefined, redirectUri, guarded };
  const attempt = await beginLogin(login);
  const grant = await attempt.finish(await allow(attempt.authorizationUrl.href));
  return grants.overwrite(KEY, grant);
}

test('a grant is renewed with another refresh token every time, and its view has no token', async () => {
  const first = await logIn();
  const renewed = await renewGrant(grants, { ...KEY, staleVersion: first });
  expect(renewed).toEqual({
    version: expect.any(Number) as number,
    expiresAtMs: expect.any(Number) as number,
    isRenewable: true,
  });
  expect(renewed?.version).toBeGreaterThan(first);
  await renewGrant(grants, { ...KEY, staleVersion: renewed?.version ?? 0 });
  expect(server.state).toMatchObject({ refreshes: 2, reuses: 0 });
});

test('one that is newer already is left alone; of none there is nothing to renew', async () => {
  const version = await logIn();
  expect(await renewGrant(grants, { ...KEY, staleVersion: version - 1 })).toMatchObject({
    version,
  });
  const other = { ...KEY, server: 'other' };
  expect(await renewGrant(grants, { ...other, staleVersion: 1 })).toBeNull();
  expect(server.state.refreshes).toBe(0);
});

test('an authorization server that is away is not the end of a grant', async () => {
  const version = await logIn();
  server.settings.tokenFailures = 1;
  const failed = renewGrant(grants, { ...KEY, staleVersion: version });
  await expect(failed).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  const renewed = await renewGrant(grants, { ...KEY, staleVersion: version });
  expect(renewed?.ended).toBeUndefined();
  server.close();
  const away = renewGrant(grants, { ...KEY, staleVersion: renewed?.version ?? 0 });
  await expect(away).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
});

test('a login that has ended says so without repeating what it was told', async () => {
  const version = await logIn();
  server.endAll();
  const ended = await renewGrant(grants, { ...KEY, staleVersion: version });
  expect(ended?.ended).toMatchObject({ code: 'LOGIN_REQUIRED' });
  expect(ended?.ended?.message).toContain('invalid_grant');
  for (const secret of server.state.secrets) {
    expect(JSON.stringify(ended)).not.toContain(secret);
  }
  // It is not asked for again.
  await renewGrant(grants, { ...KEY, staleVersion: ended?.version ?? 0 });
  expect(server.state.refreshes).toBe(0);
});

test('a login that comes while another grant is renewed is the one that stays', async () => {
  const version = await logIn();
  server.settings.tokenDelayMs = 300;
  const renewing = renewGrant(grants, { ...KEY, staleVersion: version });
  const stored = await grants.get(KEY);
  if (!stored) throw new Error('there is no grant');
  const newer = await grants.overwrite(KEY, { ...stored.grant, scope: 'newer' });
  expect((await renewing)?.version).toBe(newer);
  expect((await grants.get(KEY))?.grant.scope).toBe('newer');
});

test('a grant without a refresh token ends with its access token', async () => {
  server.settings.refreshTokens = false;
  const version = await logIn();
  const ended = await renewGrant(grants, { ...KEY, staleVersion: version });
  expect(ended?.ended?.message).toContain('its access token has expired');
});

test('revoking ends the tokens at the authorization server', async () => {
  await logIn();
  const stored = await grants.get(KEY);
  expect(stored && (await revokeGrant(stored.grant))).toBe(true);
  expect(server.state.revocations).toBe(2);
  expect(await grants.remove(KEY)).toBe(true);
  expect(await grants.get(KEY)).toBeUndefined();
});

test('tokens are in no file as they are, and open only with the key and for their own server', async () => {
  await logIn();
  const files = readdirSync(home).filter((name) => name.startsWith('mainspring.db'));
  expect(files.length).toBeGreaterThan(0);
  for (const file of files) {
    const content = readFileSync(path.join(home, file));
    for (const secret of server.state.secrets) expect(content.includes(secret)).toBe(false);
  }
  expect(await openSealedGrants(store.grants, randomBytes(32)).get(KEY)).toBeUndefined();
  const row = await store.grants.get(KEY);
  if (!row) throw new Error('there is no grant');
  await store.grants.put({ ...row, server: 'moved' }, 0);
  expect(await grants.get({ ...KEY, server: 'moved' })).toBeUndefined();
});

test('what is sealed opens only as a whole, for its purpose', () => {
  const key = randomBytes(32);
  const seal = createSeal(key, 'one');
  const sealed = seal.close('text', 'about');
  expect(seal.open(sealed, 'about')).toBe('text');
  expect(seal.open(sealed, 'other')).toBeUndefined();
  expect(seal.open(`${sealed.slice(0, -2)}AA`, 'about')).toBeUndefined();
  expect(seal.open('', 'about')).toBeUndefined();
  expect(createSeal(key, 'two').open(sealed, 'about')).toBeUndefined();
  expect(seal.close('text', 'about')).not.toBe(sealed);
});
