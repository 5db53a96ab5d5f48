import { canonicalJson } from '../../src/base/canonical-json';
import { type ListedTools } from '../../src/domain/catalogue/tools';
import { hashTools } from '../../src/mcp/lists/tools-hash';
import { coalesce } from '../../src/async/coalesce';
import { type Store } from '../../src/store/store';
import { examineTools } from './examine-tools';
import { type SessionIsolation } from './session-isolation';
import { type Serving } from './supervised-server';

/** Lists the tools again whenever the server announces that they changed. */
export function followTools(
  { connection }: Serving,
  onTools: (listed: ListedTools) => Promise<void>,
): void {
  // If listing fails, it is repeated at the next change, round of health checks, or start.
  connection.onToolsChanged(coalesce(async () => onTools(await connection.listTools())));
}

/** Takes over a complete list of a server; resolves with whether its tools differ from before. */
export async function takeTools(
  store: Store,
  isolation: Pick<SessionIsolation, 'sawTools'>,
  serving: Pick<Serving, 'catalogue' | 'newestTools' | 'mask'>,
  { tools, flaws: told, brokenOff }: ListedTools,
): Promise<boolean> {
  if (brokenOff !== undefined) return false;
  const { mask, catalogue: before } = serving;
  const flaws = told.map((flaw) => ({ ...flaw, text: mask(flaw.text) }));
  const toolsHash = hashTools(tools);
  serving.newestTools = toolsHash;
  const isOther = toolsHash !== before.toolsHash;
  if (!isOther && canonicalJson(flaws) === canonicalJson(before.flaws ?? [])) return false;
  const found = { server: before.server, toolsHash, tools, flaws, listedAtMs: Date.now() };
  const listed = await examineTools(store, found, mask);
  // It may have listed others while these were examined.
  if (serving.newestTools !== toolsHash) return false;
  await isolation.sawTools(listed);
  serving.catalogue = listed;
  return isOther;
}
