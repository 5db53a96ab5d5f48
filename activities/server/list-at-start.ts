import { type ListedTools } from '../../src/domain/catalogue/tools';
import { type McpConnection } from '../../src/mcp/session/connection';
import { NoList } from '../../src/mcp/lists/listing';
import { type ToolCatalogueStore } from '../../src/store/store';

/** Returns what a server lists that has just started; if that fails, what it listed last. */
export async function listAtStart(
  catalogue: Pick<ToolCatalogueStore, 'latest'>,
  server: string,
  connection: Pick<McpConnection, 'listTools'>,
): Promise<ListedTools> {
  const kept = async (why: string): Promise<ListedTools | undefined> => {
    const before = await catalogue.latest(server);
    return (
      before && { tools: before.tools, flaws: [{ text: `${why}; keeping the previous list` }] }
    );
  };
  try {
    const { brokenOff, ...part } = await connection.listTools();
    if (brokenOff === undefined) return part;
    const flaws = [
      ...part.flaws,
      { text: `${brokenOff}; only the entries before it are available` },
    ];
    return (await kept(brokenOff)) ?? { ...part, flaws };
  } catch (error) {
    if (!(error instanceof NoList)) throw error;
    const before = await kept(error.message);
    if (before) return before;
    if (!error.isUnknownMethod) throw error;
    return { tools: [], flaws: [{ text: `${error.message}; no tools are available` }] };
  }
}
