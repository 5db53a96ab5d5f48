import { matchesGlob } from '../../base/glob';
import { type ServerCatalogue } from '../catalogue/server-catalogue';
import { type ServerSnapshot } from '../messages';
import { compareTools } from '../isolation/tool-changes';
import { type ToolCatalogue, type ToolDefinition } from '../catalogue/tools';

/** Part of a server that clients may see, whatever its state is. */
export interface ServerListing {
  server: string;
  tools: readonly ToolDefinition[];
  /** Names of tools that have changed and have not been approved. */
  blocked: ReadonlySet<string>;
  /** Tools that the owner of the server has switched off, by name, with the reason. */
  switchedOff: ReadonlyMap<string, string>;
  offer?: ServerCatalogue | undefined;
  /** Reason why nothing of it is shown. */
  hidden?: string | undefined;
  /** Versions that show what has changed since another listing of the server. */
  toolsVersion: string;
  offerVersion: string;
}

export interface ListingFacts {
  server: string;
  enabled: boolean;
  /** Tools that the owner of the server wants to be offered. */
  offered?: OfferedTools;
  /** Undefined when it has no entity, or the entity could not be queried. */
  snapshot: ServerSnapshot | undefined;
  /** Tools that it listed last. */
  listed: ToolCatalogue | undefined;
  /** Tools that count as approved, when they are others. */
  approved: ToolCatalogue | undefined;
  offer: ServerCatalogue | undefined;
}

/** Tools by name, with `*` and `?`. */
export interface OfferedTools {
  /** Only tools to offer; all when left out. */
  includeTools?: readonly string[] | undefined;
  excludeTools?: readonly string[] | undefined;
}

/** Joins the stored lists of a server with what its entity says about showing them. */
export function listingOf(facts: ListingFacts): ServerListing {
  const { server, listed, offer } = facts;
  const hidden = whyHidden(facts);
  const blocked = hiddenTools(facts);
  const switchedOff = toolsSwitchedOff(listed?.tools ?? [], facts.offered);
  const shown = hidden === undefined ? 'shown' : 'hidden';
  return {
    server,
    tools: listed?.tools ?? [],
    blocked,
    switchedOff,
    offer,
    hidden,
    toolsVersion: `${shown} ${listed?.toolsHash ?? ''} ${[...blocked, ...switchedOff.keys()].sort().join('\n')}`,
    offerVersion: `${shown} ${offer?.offerHash ?? ''}`,
  };
}

/** Returns the hash of the catalogue that a server's tools have to be compared with; undefined when they need not be. */
export function approvedHashOf(snapshot: ServerSnapshot | undefined): string | undefined {
  return snapshot?.signed.spec.toolChanges === 'allow'
    ? undefined
    : snapshot?.isolation.tools?.hash;
}

/**
 * Returns why a server is hidden. Only its operator's decisions hide it: in all other cases its calls wait, or report
 * what is wrong.
 */
function whyHidden({ server, enabled, snapshot, listed, offer }: ListingFacts): string | undefined {
  if (!enabled) return 'the server is disabled';
  if (!listed && !offer) return 'the server has never listed anything';
  if (!snapshot) return undefined;
  const { state, desired, wakes, isolation } = snapshot;
  if (isolation.quarantine) return `the server is quarantined (${isolation.quarantine.reason})`;
  if (state === 'ERROR' || desired === 'running' || wakes) return undefined;
  return `the server is stopped; start it: mainspring start ${server}`;
}

/** Returns why some of these tools are not offered to clients, by name. */
export function toolsSwitchedOff(
  tools: readonly Pick<ToolDefinition, 'name'>[],
  { includeTools, excludeTools = [] }: OfferedTools = {},
): ReadonlyMap<string, string> {
  const off = tools.flatMap(({ name }): [string, string][] => {
    const excluding = excludeTools.find((pattern) => matchesGlob(pattern, name));
    if (excluding !== undefined) {
      return [[name, `excluded by "excludeTools" of the server (${excluding})`]];
    }
    const isIncluded = includeTools?.some((pattern) => matchesGlob(pattern, name)) ?? true;
    return isIncluded ? [] : [[name, 'not included by "includeTools" of the server']];
  });
  return new Map(off);
}

function hiddenTools({ snapshot, listed, approved }: ListingFacts): ReadonlySet<string> {
  const approvedHash = approvedHashOf(snapshot);
  if (!listed || approvedHash === undefined || approvedHash === listed.toolsHash) return new Set();
  // The store of this machine may no longer have what was approved: then only the entity knows the changes.
  const changes = approved
    ? compareTools(approved.tools, listed.tools)
    : (snapshot?.isolation.tools?.changes ?? []);
  return new Set(changes.filter(({ change }) => change === 'changed').map(({ tool }) => tool));
}
