import { type Path } from '../problems';
import { kindOf } from '../shown-value';
import { codexDialect } from './codex';
import { type Dialect, isObject, type Members, type Reading, type Syntax } from './dialect';
import { mcpServersDialect } from './mcp-servers';
import { registryDialect } from './registry';
import { serversDialect } from './servers';

const DIALECTS: readonly Dialect[] = [
  mcpServersDialect,
  serversDialect,
  codexDialect,
  registryDialect,
];

/** The servers of a document, in whichever dialects it is written; other things in it are not ours to judge. */
export function readServers(document: unknown, syntax: Syntax): Reading {
  if (isNamedList(document)) return readList(document);
  if (!isObject(document)) {
    const message = `expected an object, got ${kindOf(document)}`;
    return { servers: [], problems: [{ path: [], message }] };
  }
  const spoken = dialectsOf(document, syntax);
  const readings = (spoken.length > 0 ? spoken : [fallback(syntax)]).map((dialect) =>
    dialect.read(document),
  );
  return {
    servers: readings.flatMap(({ servers }) => servers),
    problems: readings.flatMap(({ problems }) => problems),
  };
}

function isNamedList(document: unknown): document is Members[] {
  if (!Array.isArray(document) || document.length === 0) return false;
  return document.every((item: unknown) => isObject(item) && typeof item['name'] === 'string');
}

/** A bare list of servers with names, as old `mcp_servers.json` files have it. */
function readList(list: Members[]): Reading {
  const { servers, problems } = serversDialect.read({ servers: list });
  const inList = <At extends { path: Path }>(at: At): At => ({ ...at, path: at.path.slice(1) });
  return { servers: servers.map(inList), problems: problems.map(inList) };
}

/** Whether a document, such as the settings of an editor, speaks of servers at all. */
export function hasServers(document: unknown, syntax: Syntax): boolean {
  return isObject(document) && dialectsOf(document, syntax).length > 0;
}

function dialectsOf(document: Members, syntax: Syntax): Dialect[] {
  return DIALECTS.filter((dialect) => dialect.detect(document, syntax));
}

/** It says what is missing. */
function fallback(syntax: Syntax): Dialect {
  return syntax === 'toml' ? codexDialect : mcpServersDialect;
}
