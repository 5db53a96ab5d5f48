import { matchesGlob } from '../../base/glob';
import { type ServerCatalogue } from '../catalogue/server-catalogue';
import { type ServerSnapshot } from '../messages';
import { compareTools } from '../isolation/tool-changes';
import { type ToolCatalogue, type ToolDefinition } from '../catalogue/tools';

/** What clients may see of a server, whatever it does at the moment. */
export interface ServerListing {
  server: string;
  tools: readonly ToolDefinition[];
  /** Names of tools that have changed and that nobody has approved. */
  blocked: ReadonlySet<string>;
  /** Why tools are not offered that its owner has switched off, by their names. */
  switchedOff: ReadonlyMap<string, string>;
  offer?: ServerCatalogue | undefined;
  /** Why nothing of it is shown. */
  hidden?: string | undefined;
  /** Tell what has changed since another listing of it. */
  toolsVersion: string;
  offerVersion: string;
}

export interface ListingFacts {
  server: string;
  enabled: boolean;
  /** Which of its tools its owner wants to be offered. */
  offered?: OfferedTools;
  /** Undefined when it has no entity, or nobody could be asked. */
  snapshot: ServerSnapshot | undefined;
  /** What it listed last. */
  listed: ToolCatalogue | undefined;
  /** The one that counts as approved, when it is another one. */
  approved: ToolCatalogue | undefined;
  offer: ServerCatalogue | undefined;
}

/** By their names, with `*` and `?`. */
export interface OfferedTools {
  /** The only ones; all when left out. */
  includeTools?: readonly string[] | undefined;
  excludeTools?: readonly string[] | undefined;
}

/** Joins what is stored of a server with what its entity says about showing it. */
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

/** The hash of the catalogue that a server's tools have to be compared with; undefined when they need not be. */
export function approvedHashOf(snapshot: ServerSnapshot | undefined): string | undefined {
  return snapshot?.signed.spec.toolChanges === 'allow'
    ? undefined
    : snapshot?.isolation.tools?.hash;
}

/** Everything that is not its operator's wish leaves a server listed: its calls wait, or say what is wrong. */
function whyHidden({ server, enabled, snapshot, listed, offer }: ListingFacts): string | undefined {
  if (!enabled) return 'the server is disabled';
  if (!listed && !offer) return 'the server has never listed anything';
  if (!snapshot) return undefined;
  const { state, desired, wakes, isolation } = snapshot;
  if (isolation.quarantine) return `the server is quarantined (${isolation.quarantine.reason})`;
  if (state === 'ERROR' || desired === 'running' || wakes) return undefined;
  return `the server is stopped; start it: mainspring start ${server}`;
}

/** Why some of these tools are not offered to clients, by their names. */
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
  // What was approved may be gone from the store of this machine: then the entity's word is all there is.
  const changes = approved
    ? compareTools(approved.tools, listed.tools)
    : (snapshot?.isolation.tools?.changes ?? []);
  return new Set(changes.filter(({ change }) => change === 'changed').map(({ tool }) => tool));
}
