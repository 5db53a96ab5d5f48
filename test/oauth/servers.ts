import { createRequire } from 'node:module';

export interface OAuthServerSettings {
  expiresIn: number;
  refreshTokens: boolean;
  registration: boolean;
  metadataDocuments: boolean;
  pkce: string[] | undefined;
  iss: string | undefined;
  tokenFailures: number;
  tokenDelayMs: number;
  authorizationServer: string | undefined;
  resource: string | undefined;
}

export interface OAuthServer {
  issuer: string;
  url: string;
  settings: OAuthServerSettings;
  state: {
    clients: { client_id: string; redirect_uris: string[] }[];
    secrets: string[];
    authorizations: Record<string, string>[];
    exchanges: number;
    refreshes: number;
    reuses: number;
    revocations: number;
    calls: number;
  };
  expireAll(): void;
  endAll(): void;
  close(): void;
}

interface Fixture {
  startOAuthServer(settings?: Partial<OAuthServerSettings>): Promise<OAuthServer>;
}

/** test/fixtures/oauth-server.js */
const fixture = createRequire(__filename)('../fixtures/oauth-server.js') as Fixture;
const servers: OAuthServer[] = [];

afterAll(() => servers.forEach((server) => server.close()));

export async function startOAuthServer(
  settings: Partial<OAuthServerSettings> = {},
): Promise<OAuthServer> {
  const server = await fixture.startOAuthServer(settings);
  servers.push(server);
  return server;
}

/** Allows a login as its user does, and answers with where the browser is sent to. */
export async function allow(page: string): Promise<URL> {
  const response = await fetch(page, { redirect: 'manual' });
  const location = response.headers.get('location');
  if (location === null) throw new Error(`the login was refused: ${await response.text()}`);
  return new URL(location);
}
