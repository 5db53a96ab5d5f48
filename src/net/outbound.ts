import type * as undiciModule from 'undici';
import { type Agent, type Dispatcher, type Pool, type ProxyAgent } from 'undici';
import { proxyOf } from './proxy';

/** Classes of undici, which some modules load only when they need them, because that takes 0.1 s. */
type Undici = Pick<typeof undiciModule, 'Agent' | 'Pool' | 'ProxyAgent'>;

export interface Outbound {
  /** Sends requests as the environment of this process requires: through a proxy or directly (`proxyOf`). */
  dispatcher: Dispatcher;
  /** Aborts requests in flight and closes all connections. */
  close: () => Promise<void>;
}

/** @param options - options of undici's Agent; `connect` is for direct connections */
export function openOutbound(undici: Undici, options: Agent.Options): Outbound {
  const direct = new undici.Agent(options);
  const proxies = new Map<string, ProxyAgent>();
  const { connect: _direct, ...common } = options;
  const through = (proxy: URL): ProxyAgent => {
    const existing = proxies.get(proxy.href);
    if (existing) return existing;
    const agent = new undici.ProxyAgent({
      ...common,
      uri: proxy.href,
      // Many proxies refuse a tunnel without TLS.
      proxyTunnel: false,
      factory: (origin, given: Pool.Options) => new undici.Pool(origin, { ...common, ...given }),
    });
    proxies.set(proxy.href, agent);
    return agent;
  };
  const dispatcher = direct.compose((dispatch) => (request, handler) => {
    const proxy = proxyOf(new URL(String(request.origin)));
    return proxy ? through(proxy).dispatch(request, handler) : dispatch(request, handler);
  });
  const close = async () => {
    await Promise.all([direct, ...proxies.values()].map((agent) => agent.destroy()));
  };
  return { dispatcher, close };
}
