import { MainspringError } from '../../src/base/errors';
import {
  type GrantKey,
  INSTANCE_PRINCIPAL,
  isExpired,
  loginRequired,
  renewAtMs,
} from '../../src/domain/oauth/oauth';
import { type ServerSpec, type UrlSpec } from '../../src/domain/spec';
import { type Authorization } from '../../src/mcp/session/authorization';
import { viewOf, isFor } from '../../src/oauth/grant';
import { type SealedGrants, type OpenedGrant } from '../../src/oauth/grant-storage';

interface AuthorizationDeps {
  grants: SealedGrants;
  /** Resolves when the grant of this version was renewed, or has ended. */
  renew(key: GrantKey, staleVersion: number): Promise<void>;
  /** Called with every token before it is used, so that it can be masked. */
  onToken(token: string): void;
}

/** Returns the source of access tokens for requests to a server; undefined where its config has the credentials. */
export function authorizationOf(
  spec: ServerSpec,
  deps: AuthorizationDeps,
): Authorization | undefined {
  if (spec.type === 'stdio' || spec.process) return undefined;
  const isGiven = Object.keys(spec.remote.headers).some(
    (name) => name.toLowerCase() === 'authorization',
  );
  return isGiven && !spec.auth ? undefined : new StoredAuthorization(spec, deps);
}

/** Reads the grant of a server from the store, whichever process has renewed it. */
class StoredAuthorization implements Authorization {
  readonly #key: GrantKey;
  #grant: OpenedGrant | undefined;
  #isLoaded = false;
  #renewing: Promise<void> | undefined;

  constructor(
    private readonly spec: UrlSpec,
    private readonly deps: AuthorizationDeps,
  ) {
    this.#key = { server: spec.name, principal: INSTANCE_PRINCIPAL };
  }

  async current(): Promise<string | undefined> {
    if (!this.#isLoaded || this.#mayBeRenewed()) await this.#load();
    if (!this.#grant && this.spec.auth) throw this.#required('nobody has logged in');
    if (this.#grant && isExpired(this.#view(this.#grant), Date.now())) {
      await this.#renew(this.#grant.version);
    }
    return this.#header();
  }

  async renewed(refused: string | undefined, challenge: string): Promise<string | undefined> {
    await this.#load();
    if (!this.#grant) {
      if (this.spec.auth || offersLogin(challenge)) throw this.#required('nobody has logged in');
      return undefined;
    }
    if (this.#header() === refused) await this.#renew(this.#grant.version);
    return this.#header();
  }

  refusedAgain(): MainspringError {
    return this.#required('it rejects the access token that was just issued for it');
  }

  /** Renews the grant once, although many requests may find out at once that they need another token. */
  async #renew(staleVersion: number): Promise<void> {
    this.#renewing ??= this.deps
      .renew(this.#key, staleVersion)
      .finally(() => (this.#renewing = undefined));
    await this.#renewing;
    await this.#load();
    if (!this.#grant) throw this.#required('nobody is logged in anymore');
    if (this.#grant.version <= staleVersion) throw this.#required('its access was not renewed');
  }

  async #load(): Promise<void> {
    const found = await this.deps.grants.get(this.#key);
    this.#isLoaded = true;
    this.#grant = undefined;
    if (!found) return;
    const { grant } = found;
    if (grant.ended) throw errorOf(grant.ended);
    if (!isFor(grant, this.spec.remote.url)) {
      throw this.#required('the last login was for another URL');
    }
    this.deps.onToken(grant.tokens.access);
    this.#grant = found;
  }

  /** Whether the store may have a new token: its workflow gets one shortly before expiry. */
  #mayBeRenewed(): boolean {
    const renewAt = this.#grant && renewAtMs(this.#view(this.#grant));
    return renewAt !== undefined && Date.now() >= renewAt;
  }

  #view({ version, grant }: OpenedGrant) {
    return viewOf(version, grant);
  }

  #header(): string | undefined {
    return this.#grant && `Bearer ${this.#grant.grant.tokens.access}`;
  }

  #required(why: string): MainspringError {
    return errorOf(loginRequired(this.spec.name, why));
  }
}

/** Whether the server says where to log in (RFC 9728). */
function offersLogin(challenge: string): boolean {
  return /^\s*(?:Bearer|DPoP)\b/i.test(challenge) && challenge.includes('resource_metadata=');
}

function errorOf({ code, message, fix }: ReturnType<typeof loginRequired>): MainspringError {
  return new MainspringError(code, message, { fix });
}
