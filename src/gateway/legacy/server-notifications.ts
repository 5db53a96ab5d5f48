import { type HostNotification } from '../../client/internal';
import { type ServerInterest } from '../../domain/hosts/socket-frames';
import { type EndpointView } from '../endpoint/endpoint-view';
import { type LegacyContext } from './context';
import { type LiveSession } from './live-session';
import { receivesLevel, moreVerbose } from '../../domain/catalogue/log-levels';

/** Consumer name for the interest in servers. */
const CONSUMER = 'legacy';
/** Delay that combines changes of the interest, which are then sent to the hosts once. */
const INTEREST_DELAY_MS = 50;

type Context = Pick<LegacyContext, 'catalogues' | 'sessions' | 'sockets'>;

/**
 * Forwards servers' notifications outside of calls to the sessions that requested them: updates of
 * resources, and log messages.
 */
export class ServerNotifications {
  readonly #stop: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly context: Context) {
    this.#stop =
      context.sockets?.onNotice((notice) => void this.#forward(notice)) ?? (() => undefined);
  }

  /** Updates the interest at the hosts, soon. */
  listenersChanged(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#updateInterest();
    }, INTEREST_DELAY_MS).unref();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#stop();
    this.context.sockets?.setInterest(CONSUMER, {});
  }

  async #forward(notice: HostNotification): Promise<void> {
    if (notice.type !== 'notification' || notice.callId !== undefined) return;
    const { server, method, params } = notice;
    if (method !== 'notifications/resources/updated' && method !== 'notifications/message') return;
    for (const session of listening(this.context)) {
      const view = await viewOf(this.context, session);
      if (!view) continue;
      if (method === 'notifications/message') {
        const { logLevel } = session.record;
        const isWanted = logLevel !== undefined && receivesLevel(logLevel, params.level);
        if (isWanted && serversOf(view, session).has(server)) session.notify(method, params);
      } else if (typeof params.uri === 'string') {
        const uri = view.expose(server, params.uri);
        if (session.record.subscriptions.includes(uri)) session.notify(method, { ...params, uri });
      }
    }
  }

  async #updateInterest(): Promise<void> {
    const interests: Record<string, ServerInterest> = {};
    for (const session of listening(this.context)) {
      const { subscriptions, logLevel } = session.record;
      if (subscriptions.length === 0 && logLevel === undefined) continue;
      const view = await viewOf(this.context, session);
      if (!view) continue;
      for (const uri of subscriptions) {
        const found = view.resolve(uri);
        if (!found) continue;
        const { resources } = (interests[found.server] ??= { resources: [] });
        if (!resources.includes(found.original)) resources.push(found.original);
      }
      if (logLevel === undefined) continue;
      for (const server of serversOf(view, session)) {
        const interest = (interests[server] ??= { resources: [] });
        interest.logLevel = moreVerbose(interest.logLevel, logLevel);
      }
    }
    this.context.sockets?.setInterest(CONSUMER, interests);
  }
}

function listening({ sessions }: Context): LiveSession[] {
  return sessions.live.filter(({ isListening }) => isListening);
}

/** Returns undefined if the profile or server was removed. */
function viewOf(
  { catalogues }: Context,
  { scope }: LiveSession,
): Promise<EndpointView | undefined> {
  return catalogues.view(scope).catch(() => undefined); // its profile or server is gone
}

function serversOf(view: EndpointView, { scope }: LiveSession): Set<string> {
  if (scope.kind === 'server') return new Set([scope.name]);
  const { tools, prompts, resources, templates } = view;
  return new Set([...tools, ...prompts, ...resources, ...templates].map(({ server }) => server));
}
