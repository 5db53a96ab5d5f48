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

/** The way that a request has come: over the network, or over the socket that only the user of the data directory can reach. */
export type Way = 'network' | 'socket';

/** All that a request presents to be let in, so that it can be decided again later. */
export interface Presented {
  way: Way;
  host?: string;
  origin?: string;
  /** SHA-256 of the key, if one was given. */
  digest: Buffer | undefined;
  /** What it asks for. */
  scope: Scope;
}

export function presentedBy(request: IncomingMessage, scope: Scope, way: Way): Presented {
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
  /** The one that counts now. */
  policy: () => GatewayPolicy;
  /** Of everybody, when there are no keys; and of whoever comes over the socket. */
  principal: string;
  /** The address that is listened on. */
  listensOn: string;
}

/** Decides who may come in. */
export class Guard {
  constructor(private readonly options: GuardOptions) {}

  /** @throws Refusal 403 when the request was not meant for us, or comes from a web page that may not send it */
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
  identify({ way, digest, scope }: Presented): Identity {
    const { policy, principal, listensOn } = this.options;
    const { keys, limits } = policy();
    const isLocal = way === 'socket' || (keys.length === 0 && isLoopback(listensOn));
    if (isLocal) return { principal, scope, limits };
    const key = digest && matching(keys, digest);
    if (!key) throw unauthorised(digest !== undefined);
    const own = principalOf(key);
    return { principal: own, scope: scopeFor(key, scope), limits: limitsOf(policy(), own) };
  }

  /** Whether anybody may be this principal, and see this. */
  knows({ principal, scope }: Pick<Identity, 'principal' | 'scope'>): boolean {
    if (principal === this.options.principal) return true; // over the socket, always
    const own = this.options.policy().keys.filter((key) => principalOf(key) === principal);
    return own.some(
      ({ profile }) =>
        profile === undefined || (scope.kind === 'profile' && scope.name === profile),
    );
  }
}

/** A key of one profile finds it under the address of everything, too. */
function scopeFor({ name, profile }: GatewayKey, asked: Scope): Scope {
  if (profile === undefined) return asked;
  if (asked.kind === 'all') return { kind: 'profile', name: profile };
  if (asked.kind === 'profile' && asked.name === profile) return asked;
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

/** Looks at all keys, so that the time that it takes tells nothing. */
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
