import { NoList } from '../../../src/mcp/lists/listing';
import { type Finding, type Limit, Remark, type Subject } from './subject';

/** Lists the tools, which also reveals changes that the server did not announce. */
export async function checkTools(
  { serving, hadTools, onTools }: Subject,
  { signal, extend }: Limit,
): Finding {
  try {
    const listed = await serving.connection.listTools({ signal, onPage: extend });
    onTools(listed);
    if (listed.brokenOff !== undefined) return new Remark(`${listed.brokenOff}; ${KEPT}`);
    const isEmpty = hadTools && listed.tools.length === 0;
    return isEmpty ? 'no longer lists any tools' : undefined;
  } catch (error) {
    if (error instanceof NoList) return new Remark(`${error.message}; ${KEPT}`);
    throw error;
  }
}

const KEPT = 'keeping the previous list';
