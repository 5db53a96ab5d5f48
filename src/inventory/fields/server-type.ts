import { type ServerType } from '../../domain/spec';

/** All types that a config may contain; the last three only name the runtime of the command. */
export const WRITTEN_TYPES = [
  ...(['stdio', 'http', 'streamable-http', 'sse', 'websocket', 'ws'] as const),
  ...(['nodejs', 'python', 'docker'] as const),
] as const;

/** Command of a bundle, whose manifest names the actual program. */
const BUNDLE_COMMAND = 'mcpb';

/** The members of an entry that determine the kind of server. */
export interface Connection {
  type?: WrittenType | undefined;
  command?: string | undefined;
  /** Bundle that replaces a command. */
  mcpb?: string | undefined;
  url?: string | undefined;
}

type WrittenType = (typeof WRITTEN_TYPES)[number];

/** The parts of a valid connection. */
export type Detected =
  | { type: 'stdio'; command: string }
  | { type: Exclude<ServerType, 'stdio'>; url: string; command?: string | undefined };

export interface Contradiction {
  path: string[];
  problem: string;
}

const SCHEMES = {
  http: ['http', 'https'],
  sse: ['http', 'https'],
  websocket: ['ws', 'wss'],
} as const;

/** Detects the kind of server; an entry with a command and a URL is a program that we start and connect to. */
export function detectType(connection: Connection): Detected | Contradiction {
  const { type, mcpb, url } = connection;
  const declared = canonicalType(type);
  if (mcpb !== undefined && connection.command !== undefined) {
    return { path: ['mcpb'], problem: 'expected either mcpb or a command, not both' };
  }
  const command = connection.command ?? (mcpb === undefined ? undefined : BUNDLE_COMMAND);
  if (command === undefined && isProgram(type)) {
    return { path: [], problem: `missing command: its type is "${type}"` };
  }
  if (command === undefined && url === undefined) {
    return { path: [], problem: 'missing command or url' };
  }
  if (type === 'stdio' && url !== undefined) {
    return { path: ['url'], problem: 'expected no url with a command of type "stdio"' };
  }
  if (url !== undefined) return detectRemote(url, declared, command);
  if (declared !== undefined && declared !== 'stdio') {
    return { path: [], problem: `missing url: its type is "${type}"` };
  }
  return { type: 'stdio', command: command ?? '' };
}

function isProgram(type: WrittenType | undefined): boolean {
  return type !== undefined && canonicalType(type) === 'stdio';
}

function canonicalType(type: WrittenType | undefined): ServerType | undefined {
  if (type === 'streamable-http') return 'http';
  if (type === 'ws') return 'websocket';
  if (type === 'nodejs' || type === 'python' || type === 'docker') return 'stdio';
  return type;
}

function detectRemote(
  url: string,
  declared: ServerType | undefined,
  command: string | undefined,
): Detected | Contradiction {
  const type = declared === undefined || declared === 'stdio' ? typeOfUrl(url) : declared;
  const problem = urlProblem(url, SCHEMES[type]);
  if (problem !== undefined) return { path: ['url'], problem };
  return { type, url, command };
}

function typeOfUrl(url: string): Exclude<ServerType, 'stdio'> {
  if (/^wss?:/i.test(url)) return 'websocket';
  return /\/sse\/?(?:[?#]|$)/.test(url) ? 'sse' : 'http';
}

/** Never shows the URL, which may contain a token. */
function urlProblem(url: string, schemes: readonly string[]): string | undefined {
  const expected = `expected a URL that starts with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  if (url.startsWith('${')) return undefined; // only the host knows the value
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return `${expected}, got one without a scheme`;
  if (!schemes.includes(scheme)) return `${expected}, got ${scheme}://`;
  if (!url.includes('${') && !URL.canParse(url)) return `${expected}, got one that is not valid`;
  return undefined;
}
