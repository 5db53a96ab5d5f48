import { CANCEL_GRACE_MS } from '../../domain/limits';
import { unobserved } from '../wire/request-observer';
import { type McpSession } from './mcp-session';

/** Whether a server is still there. Over HTTP there is no connection that would show it, so that it has to answer. */
export async function livesOn(session: McpSession): Promise<boolean> {
  if (session.gone.aborted) return false;
  if (!session.wire.hasPerRequestStream) return true;
  const asked = unobserved(() => session.liveness.ask(CANCEL_GRACE_MS));
  return asked.then(
    () => true,
    () => false,
  );
}
