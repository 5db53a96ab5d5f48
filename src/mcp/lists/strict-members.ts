import { specTypeSchemas } from '@modelcontextprotocol/client';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/**
 * Types that the SDK has schemas for. Clients that use it refuse a whole list for one member of one
 * item.
 */
export type ListedType = 'Tool' | 'Resource' | 'ResourceTemplate' | 'Prompt';

/** One flaw rarely hides another, and hardly ever a third. */
const MAX_PASSES = 4;

const NO_SCHEMAS = { inputSchema: { type: 'object' }, outputSchema: undefined };

type Path = readonly (string | number)[];

export interface StrictItem {
  item: JsonObject;
  /** Paths of members that clients refuse, such as `annotations.readOnlyHint`. */
  leftOut: string[];
}

/**
 * Returns an item without the optional members that the protocol does not allow; undefined if a
 * required one is invalid.
 */
export function strictItem(type: ListedType, given: JsonObject): StrictItem | undefined {
  const leftOut: string[] = [];
  let item = given;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const flaws = flawsOf(type, item);
    if (flaws.length === 0) return { item, leftOut };
    // Last path first: removing an element of an array moves the later ones.
    for (const path of flaws.reverse()) {
      const removed = withoutMember(item, path);
      if (!isJsonObject(removed)) return undefined;
      item = removed;
      leftOut.push(path.join('.'));
    }
  }
  return undefined;
}

function flawsOf(type: ListedType, item: JsonObject): Path[] {
  // The schemas of a tool are repaired elsewhere.
  const checked = type === 'Tool' ? { ...item, ...NO_SCHEMAS } : item;
  const { issues = [] } = specTypeSchemas[type]['~standard'].validate(checked);
  return issues.map(({ path = [] }) =>
    path.map((step) => (typeof step === 'object' ? step.key : step)).map(asStep),
  );
}

const asStep = (step: PropertyKey) => (typeof step === 'symbol' ? step.toString() : step);

/**
 * Returns undefined if the value makes no sense without the member: it is absent, or it is all of
 * the value.
 */
function withoutMember(value: Json | undefined, path: Path): Json | undefined {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  if (Array.isArray(value)) {
    const kept = withoutMember(value[Number(step)], rest);
    return value.flatMap((item, at) => (at !== step ? [item] : kept === undefined ? [] : [kept]));
  }
  if (!isJsonObject(value) || !Object.hasOwn(value, step)) return undefined;
  const { [step]: member, ...others } = value;
  const kept = rest.length > 0 ? withoutMember(member, rest) : undefined;
  if (kept !== undefined) return { ...others, [step]: kept };
  return REQUIRED.has(String(step)) ? undefined : others;
}

/** Members without which their object is useless. */
const REQUIRED: ReadonlySet<string> = new Set(['name', 'uri', 'uriTemplate', 'src']);
