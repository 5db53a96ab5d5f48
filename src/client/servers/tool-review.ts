import { type ServerSnapshot } from '../../domain/messages';
import { diffTools, type ToolDiff } from '../../domain/isolation/tool-changes';
import { type ToolCatalogueStore } from '../../store/store';

/** Tools of a server that are to be approved. */
export interface ToolReview {
  server: string;
  /** Hash of the approved tools; empty when the server has never run. */
  approvedHash: string;
  /** Hash of the tools that it lists now, which an approval names. */
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
  // The store of this machine has never had the approved tools: all of them must be reviewed.
  return { ...same, changes: changes.map((diff) => ({ ...diff, change: 'changed' })) };
}
