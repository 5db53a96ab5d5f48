import { type GrantKey } from '../domain/oauth/oauth';
import { type GrantStore } from '../store/store';
import { type Grant } from './grant';
import { createSeal } from '../base/seal';
import { sha256 } from '../base/sha256';

const PURPOSE = 'mainspring grants 1';
const DIGEST_LENGTH = 16;

export interface OpenedGrant {
  version: number;
  grant: Grant;
}

/** Grants of an instance, decrypted with its key. */
export interface SealedGrants {
  /** Returns undefined also for a grant that this key cannot decrypt. */
  get(key: GrantKey): Promise<OpenedGrant | undefined>;
  /**
   * Replaces the grant of version `replaced` (0: none) and returns the new version; undefined if
   * another writer was faster.
   */
  put(key: GrantKey, grant: Grant, replaced: number): Promise<number | undefined>;
  /** Replaces any stored grant, as a new login does. */
  overwrite(key: GrantKey, grant: Grant): Promise<number>;
  remove(key: GrantKey): Promise<boolean>;
}

export function openSealedGrants(store: GrantStore, key: Buffer): SealedGrants {
  const seal = createSeal(key, PURPOSE);
  const put: SealedGrants['put'] = async (of, grant, replaced) => {
    // Higher than any earlier version, even if the clock was set back or the earlier grant was
    // removed.
    const version = Math.max(replaced + 1, Date.now());
    const sealed = seal.close(JSON.stringify(grant), associatedDataOf(of, version));
    return (await store.put({ ...of, version, sealed }, replaced)) ? version : undefined;
  };
  return {
    async get(of) {
      const stored = await store.get(of);
      const text = stored && seal.open(stored.sealed, associatedDataOf(of, stored.version));
      if (!stored || text === undefined) return undefined;
      return { version: stored.version, grant: JSON.parse(text) as Grant }; // sealed by us in this shape
    },

    put,

    async overwrite(of, grant) {
      for (;;) {
        const stored = await store.get(of);
        const version = await put(of, grant, stored?.version ?? 0);
        if (version !== undefined) return version;
      }
    },

    remove: (of) => store.remove(of),
  };
}

/** Digest that stands for a principal where IDs and names can be read. */
export function principalDigest(principal: string): string {
  return sha256(principal).slice(0, DIGEST_LENGTH);
}

function associatedDataOf({ server, principal }: GrantKey, version: number): string {
  return JSON.stringify([server, principal, version]);
}
