import { type McpSession } from './mcp-session';
import { pause } from '../../async/pause';

/**
 * Pause before a server whose stream has ended is subscribed to again. It doubles while the server
 * does not answer or soon ends the stream again.
 */
const FIRST_AGAIN_MS = 1_000;
const MAX_AGAIN_MS = 30_000;
const TIMEOUT_MS = 30_000;

const CHANGES = {
  toolsListChanged: 'notifications/tools/list_changed',
  promptsListChanged: 'notifications/prompts/list_changed',
  resourcesListChanged: 'notifications/resources/list_changed',
};

/**
 * Keeps the stream of list changes of a modern server open. It ends if the server behind a URL is
 * restarted, while the connection stays. It is then reopened, and every list counts as changed,
 * because changes may have been missed.
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
