/** Defaults of `gateway.limits` in configs. One message to the gateway; MCP's SDKs stop there, too. */
export const DEFAULT_BODY_BYTES = 4 * 1024 * 1024;
/** For one key each: sessions of legacy clients, requests without an answer yet, open streams. */
const DEFAULT_KEY_SESSIONS = 2_000;
const DEFAULT_KEY_CALLS = 1_000;
const DEFAULT_KEY_STREAMS = 2_000;
/** Connections to the gateway in all; more are closed at once. */
const DEFAULT_CONNECTIONS = 5_000;
/** Bytes that wait for one client; the largest result fits in. */
const DEFAULT_BUFFER_BYTES = 32 * 1024 * 1024;

/** Who may use the gateway, from where, and how much of it. */
export interface GatewayPolicy {
  /** With none, everybody on this machine may. */
  keys: readonly GatewayKey[];
  /** Origins whose web pages may, as browsers write them; `*` is all. */
  origins: readonly string[];
  /** Names under which clients reach it, beside those of the machine itself. */
  hosts: readonly string[];
  limits: GatewayLimits;
}

export interface GatewayKey {
  name: string;
  /** Of the key, in hex: the key itself is nowhere kept. */
  sha256: string;
  /** The only profile that it may use. */
  profile?: string;
  limits?: Partial<GatewayLimits>;
}

export interface GatewayLimits {
  bodyBytes: number;
  /** For each key: sessions of legacy clients, requests without an answer, open streams. */
  sessions: number;
  calls: number;
  streams: number;
  /** In all. */
  connections: number;
  /** Bytes that wait for one client. */
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
/** Of a Host header: the name, or an IPv6 address in brackets, and the port. */
const HOST = /^(\[[0-9a-f:.]+\]|[^:/?#@[\]\s]+)(?::(\d+))?$/i;

/** Whether an address to listen on, or a host name, is this machine only. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Whether the Host header of a request is a name of ours. A web page that has bound its own name to this machine
 * (DNS rebinding) sends that name; it cannot send an address.
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
 * gateway for this machine only, one from this machine. What is no browser sends no origin.
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

/** The principal of whoever presents this key. */
export function principalOf({ name }: Pick<GatewayKey, 'name'>): string {
  return `key:${name}`;
}

/** What a principal may have as the policy stands now; of several keys of one name the smallest counts. */
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

/** Why a gateway must not listen there with this policy, if it must not. */
export function listenProblem(
  { keys }: Pick<GatewayPolicy, 'keys'>,
  listensOn: string,
): string | undefined {
  if (keys.length > 0 || isLoopback(listensOn)) return undefined;
  return `Anyone who can reach ${listensOn} could use every server: no keys are configured.`;
}
