import { entrySchema, type ServerEntry } from './config-schema';
import { checkDocument, type Path, type Problem } from './problems';

/** Members that define or protect a server: with an invalid one, the entry cannot be used. */
const REQUIRED_MEMBERS = new Set<string | number>([
  ...['type', 'command', 'args', 'url', 'mcpb', 'cwd', 'env', 'headers', 'auth', 'envFile'],
  ...['integrity', 'requires', 'enabled', 'disabled', 'includeTools', 'excludeTools'],
]);
/** Limits the rounds; each one removes something, but a schema that never accepts must not loop for ever. */
const MAX_ROUNDS = 20;

export type RepairResult =
  | { entry: ServerEntry; dropped: Problem[] }
  /** A required member is invalid. */
  | { problems: Problem[] };

/** Removes the invalid members of an entry, unless that would change what server it is. */
export function repairEntry(written: unknown): RepairResult {
  const dropped: Problem[] = [];
  let entry = written;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const checked = checkDocument(entrySchema, entry);
    if ('value' in checked) return { entry: checked.value, dropped };
    const fatal = checked.problems.filter(
      ({ path: [first] }) => first === undefined || REQUIRED_MEMBERS.has(first),
    );
    if (fatal.length > 0) return { problems: [...dropped, ...checked.problems] };
    dropped.push(...checked.problems);
    // From the end, so that the indices of other list items stay valid.
    for (const { path } of [...checked.problems].reverse()) entry = without(entry, path);
  }
  return { problems: dropped };
}

/** Copies a value without the member at a path, or without its nearest existing parent. */
function without(value: unknown, path: Path): unknown {
  for (let length = path.length; length > 0; length -= 1) {
    const existingPath = path.slice(0, length);
    if (hasPath(value, existingPath)) return removed(value, existingPath);
  }
  return value;
}

function hasPath(value: unknown, path: Path): boolean {
  let at = value;
  for (const member of path) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, member)) return false;
    at = Object.entries(at).find(([key]) => key === String(member))?.[1];
  }
  return true;
}

function removed(value: unknown, [first, ...rest]: Path): unknown {
  if (first === undefined) return undefined;
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => {
      if (index !== first) return [item];
      return rest.length === 0 ? [] : [removed(item, rest)];
    });
  }
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).flatMap(([key, held]: [string, unknown]) => {
    if (key !== String(first)) return [[key, held] as const];
    return rest.length === 0 ? [] : [[key, removed(held, rest)] as const];
  });
  return Object.fromEntries(members);
}
