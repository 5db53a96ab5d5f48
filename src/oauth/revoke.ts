import { type AuthorizationServerMetadata } from '@modelcontextprotocol/client';
import { type Grant, type OAuthClient } from './grant';
import { createGuardedFetch } from './guarded-fetch';

const FORM = 'application/x-www-form-urlencoded';

/**
 * Revokes the tokens of a grant at the authorization server (RFC 7009). Returns false if the server
 * does not support that or did not respond: then they stay valid until they expire.
 */
export async function revokeGrant(grant: Grant, signal?: AbortSignal): Promise<boolean> {
  const endpoint = endpointOf(grant.authorizationServer);
  if (endpoint === undefined || grant.ended) return false;
  const { access, refresh } = grant.tokens;
  const guarded = await createGuardedFetch(new URL(grant.serverUrl), { signal, from: grant.from });
  try {
    const revoke = async (token: string, hint: string) => {
      const { headers, form } = authenticated(grant.client, { token, token_type_hint: hint });
      return (await guarded.fetch(endpoint, { method: 'POST', headers, body: form })).ok;
    };
    // The refresh token first: most servers then revoke the access tokens too.
    const isEnded = refresh === undefined || (await revoke(refresh, 'refresh_token'));
    return (await revoke(access, 'access_token')) && isEnded;
  } catch {
    return false;
  } finally {
    await guarded.close();
  }
}

function endpointOf(metadata: AuthorizationServerMetadata): string | undefined {
  const endpoint: unknown =
    'revocation_endpoint' in metadata ? metadata.revocation_endpoint : undefined;
  return typeof endpoint === 'string' ? endpoint : undefined;
}

/** A client with a secret authenticates with it (RFC 6749, 2.3.1); any other only names its ID. */
function authenticated(client: OAuthClient, members: Record<string, string>) {
  const form = new URLSearchParams(members);
  const headers = new Headers({ 'content-type': FORM });
  const { client_id: id, client_secret: secret, token_endpoint_auth_method: method } = client;
  if (secret !== undefined && method !== 'client_secret_post') {
    const pair = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`);
    headers.set('authorization', `Basic ${pair.toString('base64')}`);
  } else {
    form.set('client_id', id);
    if (secret !== undefined) form.set('client_secret', secret);
  }
  return { headers, form };
}
