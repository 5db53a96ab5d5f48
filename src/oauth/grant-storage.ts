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

/** The grants of an instance, opened with its key. */
export interface Grants {
  /** Undefined also for what this key does not open. */
  get(key: GrantKey): Promise<OpenedGrant | undefined>;
  /** Replaces the grant of version `replaced` (0: none) and answers with the new version; undefined when another was faster. */
  put(key: GrantKey, grant: Grant, replaced: number): Promise<number | undefined>;
  /** Replaces whatever is there, as a new login does. */
  overwrite(key: GrantKey, grant: Grant): Promise<number>;
  remove(key: GrantKey): Promise<boolean>;
}

export function openGrants(store: GrantStore, key: Buffer): Grants {
  const seal = createSeal(key, PURPOSE);
  const put: Grants['put'] = async (of, grant, replaced) => {
    // Higher than any before, also when the clock was set back or the grant before was forgotten.
    const version = Math.max(replaced + 1, Date.now());
    const sealed = seal.close(JSON.stringify(grant), aboutOf(of, version));
    return (await store.put({ ...of, version, sealed }, replaced)) ? version : undefined;
  };
  return {
    async get(of) {
      const stored = await store.get(of);
      const text = stored && seal.open(stored.sealed, aboutOf(of, stored.version));
      if (!stored || text === undefined) return undefined;
      return { version: stored.version, grant: JSON.parse(text) as Grant }; // as it was sealed
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

/** Stands for a principal where ids and names can be read. */
export function principalDigest(principal: string): string {
  return sha256(principal).slice(0, DIGEST_LENGTH);
}

function aboutOf({ server, principal }: GrantKey, version: number): string {
  return JSON.stringify([server, principal, version]);
}
