import { setImmediate as othersFirst } from 'node:timers/promises';
import { canonicalJson } from '../../src/base/canonical-json';
import { SELF } from '../../src/domain/entity/entity';
import { type ServerEvent } from '../../src/domain/events';
import { uncheckedOf } from '../../src/domain/schemas/find-unchecked';
import { uncheckedText } from '../../src/domain/schemas/unchecked-tools';
import {
  type ToolCatalogue,
  type ToolDefinition,
  type UncheckedTool,
} from '../../src/domain/catalogue/tools';
import { type Store } from '../../src/store/store';
import { flawsEvents } from './flaws-event';
import { sha256 } from '../../src/base/sha256';

/** Characters of the schemas of one server that are examined at most; compiling these may take seconds. */
const MAX_EXAMINED_CHARACTERS = 1024 * 1024;

interface ExaminedTools {
  catalogue: Pick<Store['catalogue'], 'latest'>;
  events: Pick<Store['events'], 'append'>;
}

/**
 * Finds tools whose arguments cannot be checked. Records an event when those, or the flaws of the list, differ from the
 * previous list.
 *
 * @param mask - hides what the server was given: its schemas may repeat it
 */
export async function examineTools(
  { catalogue, events }: ExaminedTools,
  listed: ToolCatalogue,
  mask: (text: string) => string,
): Promise<ToolCatalogue> {
  const before = await catalogue.latest(listed.server);
  const isSame = before?.toolsHash === listed.toolsHash;
  const unchecked =
    (isSame ? before.unchecked : undefined) ??
    (await examine(listed.tools)).map((one) => ({ ...one, reason: mask(one.reason) }));
  const flaws = (listed.flaws ?? []).map((flaw) => ({ ...flaw, text: mask(flaw.text) }));
  await events.append(flawsEvents(listed.server, before?.flaws, flaws));
  if (isOther(before?.unchecked, unchecked)) {
    const reason = mask(uncheckedText(unchecked));
    await events.append([changeOf(listed, before?.toolsHash, reason)]);
  }
  return { ...listed, unchecked, flaws };
}

/** Examines one tool after the other: other work of this process runs between them. */
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

/** Returns the event of a change; replicas that list the same record it once. */
function changeOf(
  { server, toolsHash }: ToolCatalogue,
  before: string | undefined,
  reason: string,
): ServerEvent {
  const digest = sha256(`${before}/${toolsHash}`);
  return {
    id: `tools/${server}/${digest}`,
    server,
    atMs: Date.now(),
    kind: 'note',
    reason,
    ...SELF,
  };
}
