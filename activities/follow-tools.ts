import { type ToolDefinition } from '../src/domain/tools';
import { hashTools } from '../src/mcp/tools-hash';
import { oneAtATime } from './one-at-a-time';
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
  isolation: SessionIsolation,
  serving: Serving,
  tools: ToolDefinition[],
): Promise<boolean> {
  const toolsHash = hashTools(tools);
  if (toolsHash === serving.catalogue.toolsHash) return false;
  const listed = { ...serving.catalogue, toolsHash, tools, listedAtMs: Date.now() };
  await isolation.sawTools(listed);
  serving.catalogue = listed;
  return true;
}
