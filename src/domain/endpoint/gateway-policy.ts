/** Defaults of `gateway.limits` in configs. Bytes of one message to the gateway; MCP's SDKs have the same limit. */
export const DEFAULT_BODY_BYTES = 4 * 1024 * 1024;
/** Maximum per key: sessions of legacy clients, unanswered requests, open streams. */
const DEFAULT_KEY_SESSIONS = 2_000;
const DEFAULT_KEY_CALLS = 1_000;
const DEFAULT_KEY_STREAMS = 2_000;
/** Maximum of connections to the gateway in total; more are closed at once. */
const DEFAULT_CONNECTIONS = 5_000;
/** Bytes that may wait for one client; the largest result fits in. */
const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;

/** Access to the gateway: for whom, from where, and how much of it. */
export interface GatewayPolicy {
  /** API keys; without any, everyone on this machine has access. */
  keys: readonly GatewayKey[];
  /** Origins whose web pages have access, as browsers write them; `*` is all. */
  origins: readonly string[];
  /** Names under which clients reach it, besides those of the machine itself. */
  hosts: readonly string[];
  limits: GatewayLimits;
}

export interface GatewayKey {
  name: string;
  /** sha256 of the key, in hex: the key itself is not stored anywhere. */
  sha256: string;
  /** Only profile that it may use. */
  profile?: string;
  limits?: Partial<GatewayLimits>;
}

export interface GatewayLimits {
  bodyBytes: number;
  /** Maximum per key: sessions of legacy clients, unanswered requests, open streams. */
  sessions: number;
  calls: number;
  streams: number;
  /** Maximum in total. */
  connections: number;
  /** Bytes that may wait for one client. */
  bufferBytes: number;
}

export const DEFAULT_GATEWAY_LIMITS: GatewayLimits = {
  bodyBytes: DEFAULT_BODY_BYTES,
  sessions: DEFAULT_KEY_SESSIONS,
  calls: DEFAULT_KEY_CALLS,
  streams: DEFAULT_KEY_STREAMS,
  connections: DEFAULT_CONNECTIONS,
  bufferBytes: DEFAULT_BUFFER_BYTES,
};

const LOOPBACK = /^(?:127(?:\.\d{1,3}){3}|\[?::1\]?|localhost)$/i;
const IP_LITERAL = /^(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])$/i;
/** Parts of a Host header: the name, or an IPv6 address in brackets, and the port. */
const HOST = /^(\[[0-9a-f:.]+\]|[^:/?#@[\]\s]+)(?::(\d+))?$/i;

/** Whether an address to listen on, or a host name, is this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Whether the Host header of a request names this gateway. A web page that has bound its own name to this machine (DNS
 * rebinding) sends that name; it cannot send an address.
 */
export function admitsHost(
  { hosts }: Pick<GatewayPolicy, 'hosts'>,
  header: string | undefined,
  listensOn: string,
): boolean {
  const [whole, name = ''] = HOST.exec(header ?? '') ?? [];
  if (whole === undefined) return false;
  if (isLoopback(name)) return true;
  if (!isLoopback(listensOn) && IP_LITERAL.test(name)) return true;
  return hosts.some((host) =>
    [name, whole].some((one) => one.toLowerCase() === host.toLowerCase()),
  );
}

/**
 * Whether a web page of this origin may use the gateway: one of the gateway itself, one that a config names, and with a
 * gateway for this machine only, one from this machine. Clients other than browsers send no origin.
 *
 * @param host - the Host header, already admitted
 */
export function admitsOrigin(
  { origins }: Pick<GatewayPolicy, 'origins'>,
  origin: string | undefined,
  host: string | undefined,
  listensOn: string,
): boolean {
  if (origin === undefined) return true;
  if (origins.includes('*') || origins.includes(origin)) return true;
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/]+)$/i.exec(origin) ?? [];
  if (scheme === '') return false;
  if (authority.toLowerCase() === host?.toLowerCase()) return true;
  const [, name = ''] = HOST.exec(authority) ?? [];
  return isLoopback(listensOn) && isLoopback(name);
}

/** Returns the principal that presents this key. */
export function principalOf({ name }: Pick<GatewayKey, 'name'>): string {
  return `key:${name}`;
}

/** Returns the limits of a principal under the current policy; of several keys with one name the smallest counts. */
export function limitsOf(
  { keys, limits }: Pick<GatewayPolicy, 'keys' | 'limits'>,
  principal: string,
): GatewayLimits {
  const own = keys.filter((key) => principalOf(key) === principal);
  const smallest = (name: keyof GatewayLimits) => {
    const set = own.flatMap((key) => key.limits?.[name] ?? []);
    return set.length > 0 ? Math.min(...set) : limits[name];
  };
  return {
    ...limits,
    sessions: smallest('sessions'),
    calls: smallest('calls'),
    streams: smallest('streams'),
  };
}

/** Returns why a gateway must not listen there with this policy, or undefined when it may. */
export function listenProblem(
  { keys }: Pick<GatewayPolicy, 'keys'>,
  listensOn: string,
): string | undefined {
  if (keys.length > 0 || isLoopback(listensOn)) return undefined;
  return `Anyone who can reach ${listensOn} could use every server: no keys are configured.`;
}
