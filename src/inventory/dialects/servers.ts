import { detectType } from '../server-type';
import { type Dialect, type FoundServer, isObject, type Members, type Reading } from './dialect';
import { withInputs } from './inputs';
import { readEntry } from './read-entry';

const RUNTIME_TYPES = new Set<unknown>(['nodejs', 'node', 'python', 'docker']);

/**
 * `{"servers": …}`: that of VS Code, with `inputs`, also inside the `mcp` of its settings; and the one with `type: nodejs`
 * or `python` and `health_check`, also as a list or under `mcp_servers`. Each entry says by itself which it is.
 */
export const serversDialect: Dialect = {
  name: 'vscode',
  detect: (document, syntax) =>
    tablesOf(document).some(({ path }) => path[0] !== 'mcp_servers' || syntax === 'json'),
  read(document): Reading {
    const readings = tablesOf(document).map(({ table, inputs, path }) => {
      const entries = Array.isArray(table) ? listed(table) : Object.entries(table).map(named);
      if (!entries) {
        const message = 'expected an object with an entry per server';
        return { servers: [], problems: [{ path, message }] };
      }
      const servers = entries.map(({ name, value, key }) =>
        readServer(name, value, [...path, key], path[0] === 'mcp_servers'),
      );
      return { servers: withInputs(servers, inputs), problems: [] };
    });
    return {
      servers: readings.flatMap(({ servers }) => servers),
      problems: readings.flatMap(({ problems }) => problems),
    };
  },
};

interface Table {
  table: Members | unknown[];
  inputs: unknown;
  path: string[];
}

interface Listed {
  name: string;
  value: unknown;
  key: string | number;
}

function tablesOf(document: Members): Table[] {
  const { servers, mcp_servers, mcp, inputs } = document;
  const candidates = [
    { table: servers, inputs, path: ['servers'] },
    { table: mcp_servers, inputs, path: ['mcp_servers'] },
    ...(isObject(mcp)
      ? [{ table: mcp['servers'], inputs: mcp['inputs'], path: ['mcp', 'servers'] }]
      : []),
  ];
  return candidates.flatMap(({ table, ...rest }) =>
    isObject(table) || Array.isArray(table) ? [{ table, ...rest }] : [],
  );
}

function named([name, value]: [string, unknown]): Listed {
  return { name, value, key: name };
}

/** A list of entries that carry their names; undefined when one does not. */
function listed(table: unknown[]): Listed[] | undefined {
  const entries = table.flatMap((value, key) => {
    if (!isObject(value) || typeof value['name'] !== 'string') return [];
    const { name, ...entry } = value;
    return [{ name: String(name), value: entry, key }];
  });
  return entries.length === table.length ? entries : undefined;
}

function readServer(
  name: string,
  value: unknown,
  path: (string | number)[],
  isTyped: boolean,
): FoundServer {
  const typed =
    isTyped || (isObject(value) && (RUNTIME_TYPES.has(value['type']) || 'health_check' in value));
  const found = readEntry(name, value, path, {
    dialect: typed ? 'typed' : 'vscode',
    isForeign: () => true,
    hasLooseEnv: true,
  });
  return typed ? found : { ...found, entry: withType(found.entry) };
}

/** VS Code finds the type out by itself; an export names it always. */
function withType(entry: unknown): unknown {
  if (!isObject(entry) || entry['type'] !== undefined) return entry;
  const { command, url } = entry;
  const detected = detectType({
    ...(typeof command === 'string' && { command }),
    ...(typeof url === 'string' && { url }),
  });
  return 'problem' in detected ? entry : { type: detected.type, ...entry };
}
