import { canonicalJson } from '../../base/canonical-json';
import { type ApprovedTools, type ToolChange, type ToolChangePolicy } from './isolation';
import { type ToolDefinition } from '../catalogue/tools';

/** Differences of one tool, member by member of its definition. */
export interface ToolDiff extends ToolChange {
  members: MemberDiff[];
}

export interface MemberDiff {
  /** `description`, or a path such as `inputSchema.properties.path`. */
  member: string;
  /** Strings as they are, other values as JSON; absent when there was, or is, none. */
  before?: string;
  after?: string;
}

/** Returns the differences between the listed tools and the approved ones, by name; their order does not matter. */
export function compareTools(
  approved: readonly ToolDefinition[],
  listed: readonly ToolDefinition[],
): ToolChange[] {
  return diffTools(approved, listed).map(({ tool, change }) => ({ tool, change }));
}

/** Compares tools like `compareTools`, and adds the changes of each. */
export function diffTools(
  approved: readonly ToolDefinition[],
  listed: readonly ToolDefinition[],
): ToolDiff[] {
  const before = byName(approved);
  const after = byName(listed);
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((tool): ToolDiff[] => {
    const [old, found] = [before.get(tool), after.get(tool)];
    if (!old) return [{ tool, change: 'added', members: compareMembers({}, found) }];
    if (!found) return [{ tool, change: 'removed', members: [] }];
    if (canonicalJson(old) === canonicalJson(found)) return [];
    return [{ tool, change: 'changed', members: compareMembers(old, found) }];
  });
}

/** Whether a tool may not be called until its current definition has been approved. */
export function isToolBlocked(
  tools: ApprovedTools | undefined,
  policy: ToolChangePolicy,
  tool: string,
): boolean {
  return policy !== 'allow' && blockedTools(tools).includes(tool);
}

/** Returns the tools whose definition is not the approved one. */
export function blockedTools(tools: ApprovedTools | undefined): string[] {
  const changed = tools?.changes.filter(({ change }) => change === 'changed') ?? [];
  return changed.map(({ tool }) => tool);
}

/** Returns the definitions by name; a name that is listed twice holds both definitions. */
function byName(tools: readonly ToolDefinition[]): Map<string, unknown> {
  const definitions = new Map<string, unknown>();
  for (const tool of tools) {
    const same = definitions.get(tool.name);
    definitions.set(tool.name, same === undefined ? tool : [same, tool]);
  }
  return definitions;
}

/** Compares two values, descending into objects down to the members that differ. */
function compareMembers(before: unknown, after: unknown, path: string[] = []): MemberDiff[] {
  if (isSame(before, after)) return [];
  if (isMembers(before) && isMembers(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
    return keys.flatMap((key) => compareMembers(before[key], after[key], [...path, key]));
  }
  return [
    {
      member: path.join('.') || 'definition',
      ...(before !== undefined && { before: textOf(before) }),
      ...(after !== undefined && { after: textOf(after) }),
    },
  ];
}

function isSame(before: unknown, after: unknown): boolean {
  if (before === undefined || after === undefined) return before === after;
  return canonicalJson(before) === canonicalJson(after);
}

function isMembers(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}
