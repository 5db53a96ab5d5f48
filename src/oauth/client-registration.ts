import {
  type AuthorizationServerMetadata,
  registerClient,
  RegistrationRejectedError,
} from '@modelcontextprotocol/client';
import { z } from 'zod';
import { parseForeignJson } from '../base/foreign-json';
import { type AuthSpec } from '../domain/oauth/oauth';
import { type DiscoveredAuthorization, explained, failed } from './discover';
import { type Grant, type OAuthClient } from './grant';
import { type GuardedFetch } from './guarded-fetch';

const CLIENT_NAME = 'Mainspring';
const MAX_REASON_LENGTH = 200;

interface RegistrationRequest extends DiscoveredAuthorization {
  auth: AuthSpec;
  redirectUri: string;
  /** Grant of the last login to this server: its registration may be reused. */
  previousGrant: Grant | undefined;
}

/**
 * Chooses the OAuth client to log in with: the configured one, our metadata document if the
 * authorization server supports it, an earlier registration, or a new one (RFC 7591).
 */
export async function clientFor(
  request: RegistrationRequest,
  fetch: GuardedFetch['fetch'],
): Promise<OAuthClient> {
  const { auth, authorizationServer } = request;
  if (auth.clientId !== undefined) {
    return {
      origin: 'config',
      client_id: auth.clientId,
      ...(auth.clientSecret && { client_secret: auth.clientSecret }),
    };
  }
  if (auth.clientMetadataUrl !== undefined && readsMetadata(authorizationServer)) {
    const client_id = auth.clientMetadataUrl;
    return { origin: 'metadata', client_id, token_endpoint_auth_method: 'none' };
  }
  return registeredBefore(request) ?? register(request, fetch);
}

/** Returns the client of the last login if we registered it for exactly this redirect URI. */
function registeredBefore({
  previousGrant,
  authorizationServer,
  redirectUri,
}: RegistrationRequest) {
  if (previousGrant?.client.origin !== 'registered') return undefined;
  const isSame =
    previousGrant.authorizationServer.issuer === authorizationServer.issuer &&
    previousGrant.redirectUri === redirectUri;
  return isSame ? previousGrant.client : undefined;
}

async function register(
  { authorizationServer, redirectUri, scope }: RegistrationRequest,
  fetchFn: GuardedFetch['fetch'],
): Promise<OAuthClient> {
  const { issuer, registration_endpoint: endpoint } = authorizationServer;
  if (!endpoint) {
    throw failed(
      `${issuer} does not support dynamic client registration; register Mainspring there and set its client ID: "auth": { "clientId": … }`,
    );
  }
  try {
    const registered = await registerClient(issuer, {
      metadata: authorizationServer,
      clientMetadata: {
        client_name: CLIENT_NAME,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'none',
        application_type: 'native',
      },
      ...(scope && { scope }),
      fetchFn,
    });
    const { client_id, client_secret, token_endpoint_auth_method } = registered;
    return {
      origin: 'registered',
      client_id,
      ...(client_secret !== undefined && { client_secret }),
      ...(token_endpoint_auth_method !== undefined && { token_endpoint_auth_method }),
    };
  } catch (error) {
    if (!(error instanceof RegistrationRejectedError)) {
      throw explained(error, `cannot register a client with ${issuer}`);
    }
    throw failed(`${issuer} refused to register a client (${reasonIn(error.body)})`);
  }
}

/** Checks a member that the SDK's types do not have yet. */
function readsMetadata(metadata: AuthorizationServerMetadata): boolean {
  return (
    'client_id_metadata_document_supported' in metadata &&
    metadata.client_id_metadata_document_supported === true
  );
}

const refusal = z.object({ error: z.string(), error_description: z.string().optional() });

function reasonIn(body: string): string {
  try {
    const { error, error_description: description = '' } = refusal.parse(parseForeignJson(body));
    const text = description === '' ? error : `${error}: ${description}`;
    return text.replace(/[^\x20-\x7e]/g, '?').slice(0, MAX_REASON_LENGTH);
  } catch {
    return 'no reason given';
  }
}
