import { timingSafeEqual } from 'node:crypto';
import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import {
  admitsHost,
  admitsOrigin,
  type GatewayKey,
  type GatewayPolicy,
  isLoopback,
  limitsOf,
  principalOf,
} from '../../domain/endpoint/gateway-policy';
import { type Scope } from '../exchange';
import { type Identity } from './contract';
import { refusal } from './refusal';
import { sha256 } from '../../base/sha256';

/**
 * Source of a request: the network, or the socket that only the user of the data directory can
 * access.
 */
export type RequestSource = 'network' | 'socket';

/** Credentials of a request, kept so that they can be checked again later. */
export interface PresentedCredentials {
  way: RequestSource;
  host?: string;
  origin?: string;
  /** SHA-256 of the key, if any. */
  digest: Buffer | undefined;
  /** Requested scope. */
  scope: Scope;
}

export function presentedCredentials(
  request: IncomingMessage,
  scope: Scope,
  way: RequestSource,
): PresentedCredentials {
  const { host, origin } = request.headers;
  const given = keyOf(request);
  return {
    way,
    scope,
    ...(host !== undefined && { host }),
    ...(origin !== undefined && { origin }),
    digest: given === undefined ? undefined : Buffer.from(sha256(given), 'hex'),
  };
}

export interface GuardOptions {
  /** Returns the current policy. */
  policy: () => GatewayPolicy;
  /** Principal of all clients if there are no keys, and of those on the socket. */
  principal: string;
  /** Address that the gateway listens on. */
  listensOn: string;
}

/** Decides which requests are admitted. */
export class Guard {
  constructor(private readonly options: GuardOptions) {}

  /**
   * @throws Refusal 403 when the request was not meant for this gateway, or comes from a web page
   * that may not send it
   */
  checkSource({ host, origin }: Pick<IncomingHttpHeaders, 'host' | 'origin'>): void {
    const { policy, listensOn } = this.options;
    if (!admitsHost(policy(), host, listensOn)) {
      throw refusal(
        403,
        'ACCESS_REFUSED',
        `"${host ?? ''}" is not an allowed host name of this gateway.`,
        {
          fix: `Allow it in a config: "gateway": { "hosts": [${JSON.stringify(host ?? '')}] }.`,
        },
      );
    }
    if (!admitsOrigin(policy(), origin, host, listensOn)) {
      throw refusal(
        403,
        'ACCESS_REFUSED',
        `Web pages from ${origin ?? ''} are not allowed to use this gateway.`,
        {
          fix: `Allow them in a config: "gateway": { "origins": [${JSON.stringify(origin ?? '')}] }.`,
        },
      );
    }
  }

  /** @throws Refusal 401 without a valid key, 403 when the key is for another profile */
  identify({ way, digest, scope }: PresentedCredentials): Identity {
    const { policy, principal, listensOn } = this.options;
    const { keys, limits } = policy();
    const isLocal = way === 'socket' || (keys.length === 0 && isLoopback(listensOn));
    if (isLocal) return { principal, scope, limits };
    const key = digest && matching(keys, digest);
    if (!key) throw unauthorised(digest !== undefined);
    const own = principalOf(key);
    return { principal: own, scope: scopeFor(key, scope), limits: limitsOf(policy(), own) };
  }

  /** Whether the policy still allows this principal and scope. */
  knows({ principal, scope }: Pick<Identity, 'principal' | 'scope'>): boolean {
    if (principal === this.options.principal) return true; // always allowed over the socket
    const own = this.options.policy().keys.filter((key) => principalOf(key) === principal);
    return own.some(
      ({ profile }) =>
        profile === undefined || (scope.kind === 'profile' && scope.name === profile),
    );
  }
}

/**
 * Returns the scope that a key may use. A key for one profile gets it at the general endpoint too.
 */
function scopeFor({ name, profile }: GatewayKey, requested: Scope): Scope {
  if (profile === undefined) return requested;
  if (requested.kind === 'all') return { kind: 'profile', name: profile };
  if (requested.kind === 'profile' && requested.name === profile) return requested;
  const message = `The key "${name}" is for the profile "${profile}" only.`;
  const fix = `Use the endpoint /mcp/p/${profile}, or another key.`;
  throw refusal(403, 'ACCESS_REFUSED', message, { fix });
}

function keyOf({ headers }: IncomingMessage): string | undefined {
  const [, bearer] = /^bearer +(.+)$/i.exec(headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return bearer;
  const given = headers['x-api-key'];
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/** Compares all keys, so that the duration reveals nothing. */
function matching(keys: readonly GatewayKey[], digest: Buffer): GatewayKey | undefined {
  return keys.reduce<GatewayKey | undefined>((found, key) => {
    const isThis = timingSafeEqual(digest, Buffer.from(key.sha256, 'hex'));
    return found ?? (isThis ? key : undefined);
  }, undefined);
}

function unauthorised(wasGiven: boolean) {
  const message = wasGiven ? 'This key is unknown.' : 'A key is required.';
  const error = wasGiven ? ', error="invalid_token"' : '';
  const headers = { 'WWW-Authenticate': `Bearer realm="mainspring"${error}` };
  return refusal(401, 'KEY_REQUIRED', message, { headers });
}
