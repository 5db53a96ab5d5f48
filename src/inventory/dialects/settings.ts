import { type FoundServer, isObject, type Members } from './dialect';

/** Lists beside the table of servers with the servers that are disabled, or with the only ones that are enabled. */
const OFF_LISTS = [
  ['mcp', 'excluded'],
  ['disabledMcpServers'],
  ['disabledServers'],
  ['disabledMcpjsonServers'],
];
const ON_LISTS = [['mcp', 'allowed']];

/** Applies settings beside the table to the servers: disabled servers, and disabled tools. */
export function withSettings(servers: readonly FoundServer[], document: Members): FoundServer[] {
  const off = OFF_LISTS.map((path) => ({ path, names: namesAt(document, path) ?? [] }));
  const on = ON_LISTS.flatMap((path) => {
    const names = namesAt(document, path);
    return names ? [{ path, names }] : [];
  });
  const patterns = [
    ...switchedOff(document['tools']),
    ...(namesAt(document, ['amp.tools.disable']) ?? []),
  ];
  return servers.map((server) => {
    const byOff = off.find(({ names }) => names.includes(server.written));
    const byOn = on.find(({ names }) => !names.includes(server.written));
    const by = byOff ?? byOn;
    const without = by ? disabled(server, by.path.join('.')) : server;
    return withoutTools(without, patterns);
  });
}

function namesAt(document: Members, path: readonly string[]): string[] | undefined {
  const value = path.reduce<unknown>(
    (at, member) => (isObject(at) ? at[member] : undefined),
    document,
  );
  return Array.isArray(value)
    ? value.filter((one): one is string => typeof one === 'string')
    : undefined;
}

function disabled(server: FoundServer, by: string): FoundServer {
  const { entry, warnings } = server;
  if (!isObject(entry)) return server;
  const { enabled: _enabled, ...rest } = entry;
  const warning = { path: [], message: `disabled by ${by} in the file` };
  return { ...server, entry: { ...rest, disabled: true }, warnings: [...warnings, warning] };
}

/** Reads `{"pattern": false}`, as OpenCode writes it. */
function switchedOff(tools: unknown): string[] {
  if (!isObject(tools)) return [];
  return Object.entries(tools).flatMap(([pattern, isOn]) => (isOn === false ? [pattern] : []));
}

/** Excludes tools; patterns contain the name of the server as a prefix. */
function withoutTools(server: FoundServer, patterns: readonly string[]): FoundServer {
  const { entry, written, warnings } = server;
  const prefixes = [`mcp__${written}__`, `${written}_`];
  const tools = patterns.flatMap((pattern) => {
    const prefix = prefixes.find((one) => pattern.startsWith(one) && pattern.length > one.length);
    if (prefix !== undefined) return [pattern.slice(prefix.length)];
    return pattern === `${written}*` ? ['*'] : [];
  });
  if (tools.length === 0 || !isObject(entry)) return server;
  const before: unknown[] = Array.isArray(entry['excludeTools']) ? entry['excludeTools'] : [];
  const warning = {
    path: [],
    message: `tools turned off in the file are excluded: ${tools.join(', ')}`,
  };
  return {
    ...server,
    entry: { ...entry, excludeTools: [...before, ...tools] },
    warnings: [...warnings, warning],
  };
}
