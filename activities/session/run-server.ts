import { type SessionInput } from '../../src/domain/entity/session';
import { type HostDeps } from '../deps';
import { OwnedSession } from './owned-session';
import { throwFor } from './session-end';

/**
 * Owns one MCP server: starts it, opens its queues, keeps it alive, and ends when it is told to stop, when it loses the
 * lease, or when the server cannot be kept running.
 */
export async function runServer(deps: HostDeps, input: SessionInput): Promise<void> {
  const session = new OwnedSession(deps, input);
  try {
    session.start();
    const end = await session.owned();
    await session.end(end);
    throwFor(end, session.owner);
  } finally {
    await session.close();
  }
}
