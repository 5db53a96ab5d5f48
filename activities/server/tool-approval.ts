import { canonicalJson } from '../../src/base/canonical-json';
import { type ApprovedTools, type ToolChange } from '../../src/domain/isolation/isolation';
import { compareTools } from '../../src/domain/isolation/tool-changes';
import { type ToolCatalogue } from '../../src/domain/catalogue/tools';
import { type ToolCatalogueStore } from '../../src/store/store';

/** Changed tools that an entity gets at most, and the longest name; the owner knows all of them. */
const MAX_SHARED_TOOL_CHANGES = 100;
const MAX_SHARED_TOOL_NAME_LENGTH = 128;

/** Compares the tools that a server lists now with the approved ones. Those of the first list count as approved. */
export async function judgeTools(
  catalogues: Pick<ToolCatalogueStore, 'get'>,
  hash: string | undefined,
  listed: ToolCatalogue,
): Promise<ApprovedTools> {
  if (hash === undefined || hash === listed.toolsHash) {
    return { hash: listed.toolsHash, changes: [] };
  }
  const approved = await catalogues.get(listed.server, hash);
  const changes = approved ? compareTools(approved.tools, listed.tools) : allChanged(listed);
  return changes.length > 0 ? { hash, foundHash: listed.toolsHash, changes } : { hash, changes };
}

/** Returns as much of a comparison as fits into every heartbeat, whatever tools a server lists: the changed ones first. */
export function shareable(tools: ApprovedTools): ApprovedTools {
  const isChanged = ({ change }: ToolChange) => change === 'changed';
  const { changes } = tools;
  const sorted = [...changes.filter(isChanged), ...changes.filter((other) => !isChanged(other))];
  const shared = sorted.slice(0, MAX_SHARED_TOOL_CHANGES).map(({ tool, change }) => ({
    tool: tool.slice(0, MAX_SHARED_TOOL_NAME_LENGTH),
    change,
  }));
  return { ...tools, changes: shared };
}

/** Whether there is something new to report. */
export function isOtherFinding(before: ApprovedTools | undefined, found: ApprovedTools): boolean {
  const told = before && before.changes.length > 0 ? findingOf(before) : '';
  return (found.changes.length > 0 ? findingOf(found) : '') !== told;
}

function findingOf({ foundHash, changes }: ApprovedTools): string {
  return canonicalJson({ foundHash, changes });
}

/** Counts all tools as changed: the store does not have the approved ones, such as on another machine. */
function allChanged({ tools }: ToolCatalogue): ToolChange[] {
  return tools.map(({ name }) => ({ tool: name, change: 'changed' }));
}
