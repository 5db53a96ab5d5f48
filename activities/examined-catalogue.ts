import { createHash } from 'node:crypto';
import { setImmediate as othersFirst } from 'node:timers/promises';
import { canonicalJson } from '../src/domain/canonical-json';
import { SELF } from '../src/domain/entity';
import {
  type UncheckedTool,
  uncheckedOf,
  uncheckedText,
} from '../src/domain/schemas/unchecked-tools';
import { type ToolCatalogue, type ToolDefinition } from '../src/domain/tools';
import { type Store } from '../src/store/store';

/** Schemas of one server that are looked at, in characters; compiling these may take seconds. */
const MAX_EXAMINED_CHARACTERS = 1024 * 1024;

interface Examining {
  catalogue: Pick<Store['catalogue'], 'get' | 'latest' | 'put'>;
  events: Pick<Store['events'], 'append'>;
}

/** Lists of tools that are stored with what cannot be checked of their arguments; an event says when that has changed. */
export function examinedCatalogue({
  catalogue,
  events,
}: Examining): Pick<Store['catalogue'], 'get' | 'put'> {
  const store = async (listed: ToolCatalogue, approvedHash?: string) => {
    const before = await catalogue.latest(listed.server);
    const isSame = before?.toolsHash === listed.toolsHash;
    const unchecked = (isSame ? before.unchecked : undefined) ?? (await examine(listed.tools));
    if (isOther(before?.unchecked, unchecked)) {
      await events.append([changeOf({ ...listed, unchecked }, before?.toolsHash)]);
    }
    await catalogue.put({ ...listed, unchecked }, approvedHash);
  };
  let last = Promise.resolve();
  return {
    get: (server, toolsHash) => catalogue.get(server, toolsHash),
    put(listed, approvedHash) {
      // A list that takes long to look at must not come after a newer one.
      const stored = last.then(() => store(listed, approvedHash));
      last = stored.catch(() => undefined);
      return stored;
    },
  };
}

/** One tool after the other: whoever else this process serves comes between them. */
async function examine(tools: readonly ToolDefinition[]): Promise<UncheckedTool[]> {
  const unchecked: UncheckedTool[] = [];
  let characters = 0;
  for (const tool of tools) {
    characters += JSON.stringify(tool.inputSchema).length;
    if (characters > MAX_EXAMINED_CHARACTERS) {
      const reason = `the schemas up to this tool have more than ${MAX_EXAMINED_CHARACTERS} characters`;
      return [...unchecked, { tool: tool.name, kind: 'unsupported', what: 'schema', reason }];
    }
    unchecked.push(...uncheckedOf(tool));
    await othersFirst();
  }
  return unchecked;
}

function isOther(before: readonly UncheckedTool[] = [], now: readonly UncheckedTool[]): boolean {
  return canonicalJson(before) !== canonicalJson(now);
}

/** Replicas that list the same tell it once. */
function changeOf({ server, toolsHash, unchecked = [] }: ToolCatalogue, before = 'none') {
  const digest = createHash('sha256').update(`${before}/${toolsHash}`).digest('hex');
  return {
    ...{ id: `tools/${server}/${digest}`, server, atMs: Date.now(), kind: 'note' as const },
    ...{ reason: uncheckedText(unchecked), ...SELF },
  };
}
