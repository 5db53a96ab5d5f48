import { bareHost, isThisMachine } from './reach';

type Env = Readonly<Record<string, string | undefined>>;

const DEFAULT_PORTS: Readonly<Record<string, string>> = {
  'http:': '80',
  'ws:': '80',
  'https:': '443',
  'wss:': '443',
};

/** Proxy settings of the environment; the lower-case names win, as for curl. */
export interface ProxySettings {
  http: string | undefined;
  https: string | undefined;
  /** Hosts that are reached directly, besides this machine. */
  except: string;
}

export function proxySettings(env: Env = process.env): ProxySettings {
  const variable = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const proxy = (name: string) => withScheme(variable(name));
  const http = proxy('HTTP_PROXY');
  return { http, https: proxy('HTTPS_PROXY') ?? http, except: variable('NO_PROXY') ?? '' };
}

/**
 * Returns the proxy for a URL: that of HTTPS_PROXY or HTTP_PROXY, unless NO_PROXY excepts the host. This machine is
 * always reached directly.
 *
 * @throws TypeError when the proxy is not a URL
 */
export function proxyOf(url: URL, env: Env = process.env): URL | undefined {
  const { http, https, except } = proxySettings(env);
  const proxy = url.protocol === 'https:' || url.protocol === 'wss:' ? https : http;
  if (proxy === undefined || isThisMachine(bareHost(url)) || isExcepted(url, except))
    return undefined;
  return new URL(proxy);
}

function withScheme(proxy: string | undefined): string | undefined {
  return proxy === undefined || proxy.includes('://') ? proxy : `http://${proxy}`;
}

/**
 * Whether NO_PROXY excepts a URL. `example.com`, `.example.com` and `*.example.com` mean the host and its subdomains;
 * `host:port` means that port alone; `*` means everything.
 */
function isExcepted(url: URL, except: string): boolean {
  const host = url.hostname.toLowerCase();
  const port = url.port || DEFAULT_PORTS[url.protocol];
  return except.split(/[,\s]+/).some((entry) => {
    if (entry === '*') return true;
    // An IPv6 address contains colons itself.
    const [, name = '', only] =
      /^([^:]+|\[.+\]|.*:.*:.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    const bare = name.replace(/^\*?\./, '');
    if (bare === '' || (only !== undefined && only !== port)) return false;
    return host === bare || host === `[${bare}]` || host.endsWith(`.${bare}`);
  });
}

/** Returns a proxy as it may be shown: without its credentials. */
export function shownProxy(proxy: URL): string {
  return `${proxy.protocol}//${proxy.host}`;
}
