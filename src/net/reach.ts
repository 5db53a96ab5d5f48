import { lookup as lookUp } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { type AddressClass, classOfAddress, farthest, mayReach } from './address-class';

/** Refusal to connect to a host, with the reason. */
export class RefusedHost extends Error {
  override readonly name = 'RefusedHost';
}

/**
 * Decides which hosts may be connected to. It is called for each connection, so that what a name resolves to cannot
 * change in between.
 */
export interface Reach {
  /** Class of the configured hosts: what their answers name must not be nearer. Public until they have been connected to. */
  readonly from: AddressClass;
  /** @throws RefusedHost for a literal address, which `lookup` never gets */
  check(host: string): void;
  /** Resolves a name; fails with RefusedHost. The connection gets exactly the addresses that were judged. */
  readonly lookup: LookupFunction;
}

/**
 * Creates a judge of hosts. Configured hosts may be anywhere, except that a name must not resolve to a link-local
 * address, where clouds have their metadata services. All other hosts come from answers.
 *
 * @param knownClasses - classes of the configured hosts, as found before
 */
export function createReach(
  configured: readonly URL[],
  knownClasses: readonly AddressClass[] = [],
): Reach {
  const hosts = new Set(configured.map(bareHost));
  const configuredClasses = new Set<AddressClass>(knownClasses);
  for (const host of hosts) if (isThisMachine(host)) configuredClasses.add('loopback');
  const judge = (host: string, addresses: readonly string[]) => {
    const classes = addresses.map(classOfAddress);
    if (hosts.has(host)) {
      if (!isIP(host) && classes.includes('link-local')) throw refused(host, 'link-local');
      for (const found of classes) configuredClasses.add(found);
      return;
    }
    const from = farthest([...configuredClasses]);
    for (const to of classes) if (!mayReach(from, to)) throw refused(host, to, from);
  };
  return {
    get from() {
      return farthest([...configuredClasses]);
    },

    check(host) {
      if (isIP(host)) judge(host, [host]);
    },

    lookup(host, options, callback) {
      lookUp(host, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, '');
        try {
          judge(
            host,
            found.map(({ address }) => address),
          );
        } catch (refusal) {
          return callback(refusal instanceof Error ? refusal : new Error(String(refusal)), '');
        }
        if (options.all) return callback(null, found);
        const [first] = found;
        return callback(null, first?.address ?? '', first?.family);
      });
    },
  };
}

/** Whether a host, as it is written, is this machine. */
export function isThisMachine(host: string): boolean {
  if (isIP(host)) return classOfAddress(host) === 'loopback';
  return host === 'localhost' || host === 'localhost.';
}

/** Returns a host without the brackets of IPv6. */
export function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function refused(host: string, to: AddressClass, from?: AddressClass): RefusedHost {
  const ledHere = from === undefined ? '' : `, reached from ${article(from)} address`;
  return new RefusedHost(`${host} is ${article(to)} address${ledHere}`);
}

const article = (of: AddressClass) => `a ${of}`;
