import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import {
  admitsHost,
  admitsOrigin,
  type GatewayKey,
  type GatewayPolicy,
  isLoopback,
} from '../../domain/gateway-policy';
import { type Scope } from '../exchange';
import { type Identity } from './contract';
import { refusal } from './refusal';

export interface GuardOptions {
  /** The one that counts now. */
  policy: () => GatewayPolicy;
  /** Of everybody, when there are no keys; and of who has `localKey`. */
  principal: string;
  /** What only processes of the data directory's user know: `mainspring stdio` needs no key of a config. */
  localKey?: string;
  /** The address that is listened on. */
  listensOn: string;
}

/** Decides who may come in. */
export class Guard {
  readonly #localDigest: Buffer | undefined;

  constructor(private readonly options: GuardOptions) {
    const { localKey } = options;
    this.#localDigest = localKey === undefined ? undefined : sha256(localKey);
  }

  /** @throws Refusal 403 when the request was not meant for us, or comes from a web page that may not send it */
  checkSource({ headers: { host, origin } }: IncomingMessage): void {
    const { policy, listensOn } = this.options;
    if (!admitsHost(policy(), host, listensOn)) {
      throw refusal(403, 'ACCESS_REFUSED', `"${host ?? ''}" is no host name of this gateway.`);
    }
    if (!admitsOrigin(policy(), origin, host, listensOn)) {
      throw refusal(
        403,
        'ACCESS_REFUSED',
        `Web pages of ${origin ?? ''} may not use this gateway.`,
      );
    }
  }

  /** @throws Refusal 401 without a valid key, 403 when the key is for another profile */
  identify(request: IncomingMessage, asked: Scope): Identity {
    const { policy, principal, listensOn } = this.options;
    const { keys, limits } = policy();
    const given = keyOf(request);
    const digest = given === undefined ? undefined : sha256(given);
    const isLocal = this.#isLocal(digest) || (keys.length === 0 && isLoopback(listensOn));
    if (isLocal) return { principal, scope: asked, limits };
    const key = digest && matching(keys, digest);
    if (!key) throw unauthorised(given !== undefined);
    return {
      principal: `key:${key.name}`,
      scope: scopeFor(key, asked),
      limits: { ...limits, ...key.limits },
    };
  }

  #isLocal(digest: Buffer | undefined): boolean {
    return (
      digest !== undefined &&
      this.#localDigest !== undefined &&
      timingSafeEqual(digest, this.#localDigest)
    );
  }
}

/** A key of one profile finds it under the address of everything, too. */
function scopeFor({ name, profile }: GatewayKey, asked: Scope): Scope {
  if (profile === undefined) return asked;
  if (asked.kind === 'all') return { kind: 'profile', name: profile };
  if (asked.kind === 'profile' && asked.name === profile) return asked;
  throw refusal(403, 'ACCESS_REFUSED', `The key "${name}" is for the profile "${profile}" only.`);
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
  const message = wasGiven ? 'This key is not known here.' : 'A key is needed here.';
  const error = wasGiven ? ', error="invalid_token"' : '';
  const headers = { 'WWW-Authenticate': `Bearer realm="mainspring"${error}` };
  return refusal(401, 'KEY_REQUIRED', message, headers);
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
