import { type ServerSnapshot } from '../../domain/messages';
import { diffTools, type ToolDiff } from '../../domain/isolation/tool-changes';
import { type ToolCatalogueStore } from '../../store/store';

/** What is to be approved about the tools of a server. */
export interface ToolReview {
  server: string;
  /** Of the tools that count as approved; empty when the server has never run. */
  approvedHash: string;
  /** Of those that it lists now: what an approval names. */
  foundHash: string;
  changes: ToolDiff[];
}

/**
 * Compares what a server lists now with what was approved.
 *
 * @internal
 */
export async function reviewTools(
  { name, isolation, ready }: ServerSnapshot,
  catalogues: ToolCatalogueStore,
): Promise<ToolReview> {
  const { hash: approvedHash = ready?.toolsHash ?? '', foundHash = approvedHash } =
    isolation.tools ?? {};
  const same = { server: name, approvedHash, foundHash };
  if (foundHash === approvedHash) return { ...same, changes: [] };
  const [approved, found] = await Promise.all([
    catalogues.get(name, approvedHash),
    catalogues.get(name, foundHash),
  ]);
  const changes = diffTools(approved?.tools ?? [], found?.tools ?? []);
  if (approved) return { ...same, changes };
  // The store of this machine has never had what was approved: all of it has to be looked at.
  return { ...same, changes: changes.map((diff) => ({ ...diff, change: 'changed' })) };
}
