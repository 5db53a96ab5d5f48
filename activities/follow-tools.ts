import { type ToolDefinition } from '../src/domain/tools';
import { hashTools } from '../src/mcp/tools-hash';
import { oneAtATime } from './one-at-a-time';
import { type Store } from '../src/store/store';
import { examineTools } from './examine-tools';
import { type SessionIsolation } from './session-isolation';
import { type Serving } from './supervised-server';

/** Lists the tools again whenever the server says that they changed. */
export function followTools(
  { connection }: Serving,
  onTools: (tools: ToolDefinition[]) => Promise<void>,
): void {
  // A list that fails now is made again at the next change, round of health checks, or start.
  connection.onToolsChanged(oneAtATime(async () => onTools(await connection.listTools())));
}

/** Takes over what a server has listed; whether that differs from before. */
export async function takeTools(
  store: Store,
  isolation: Pick<SessionIsolation, 'sawTools'>,
  serving: Pick<Serving, 'catalogue' | 'newestTools' | 'mask'>,
  tools: ToolDefinition[],
): Promise<boolean> {
  const toolsHash = hashTools(tools);
  serving.newestTools = toolsHash;
  if (toolsHash === serving.catalogue.toolsHash) return false;
  const { server } = serving.catalogue;
  const found = { server, toolsHash, tools, listedAtMs: Date.now() };
  const listed = await examineTools(store, found, serving.mask);
  // It may have listed others while these were looked at.
  if (serving.newestTools !== toolsHash) return false;
  await isolation.sawTools(listed);
  serving.catalogue = listed;
  return true;
}
