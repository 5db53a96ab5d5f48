import { type McpSession } from './mcp-session';
import { pause } from '../../async/pause';

/** Before a server whose stream has ended is listened to again; doubles while it does not answer, or ends it again soon. */
const FIRST_AGAIN_MS = 1_000;
const MAX_AGAIN_MS = 30_000;
const TIMEOUT_MS = 30_000;

const CHANGES = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

/**
 * A modern server tells of changed lists on a stream. It ends when the server behind a URL is restarted, while the connection goes
 * on: it is opened again, and what may have changed meanwhile counts as changed.
 */
export async function keepListening(session: McpSession): Promise<void> {
  const { client, gone } = session;
  let stream = client.autoOpenedSubscription;
  const filter = stream?.honoredFilter ?? {};
  let waitMs = FIRST_AGAIN_MS;
  while (stream) {
    const openedAt = performance.now();
    if ((await stream.closed) === 'local' || gone.aborted) return;
    if (performance.now() - openedAt > MAX_AGAIN_MS) waitMs = FIRST_AGAIN_MS;
    for (stream = undefined; !stream; waitMs = Math.min(waitMs * 2, MAX_AGAIN_MS)) {
      await pause(waitMs, gone, { ref: false });
      if (gone.aborted) return;
      stream = await client.listen(filter, { timeout: TIMEOUT_MS }).catch(() => undefined); // tried again, ever more seldom
    }
    for (const [member, method] of Object.entries(CHANGES)) {
      if (member in filter) session.onNotification(method, {});
    }
  }
}
