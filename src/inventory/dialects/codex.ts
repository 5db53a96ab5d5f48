import { type ServerEntry } from '../config/config-schema';
import { toMs } from '../fields/duration-field';
import { detectType } from '../fields/server-type';
import {
  extraOf,
  isObject,
  type Members,
  type NamedEntry,
  writtenName,
  type WriteResult,
} from './dialect';
import { bundleLeftOut, droppedMembers } from './dropped-members';
import { type OwnEntry, withOwnMembers } from './entries/entry-members';
import { withVariables } from './input-variables';
import { lostMarks, type PlainEntry, withoutMarks } from './without-marks';
import { type JsonObject } from '../../base/json';

const MS_PER_SECOND = 1_000;
const VARIABLE = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const BEARER = /^Bearer \$\{([A-Za-z_][A-Za-z0-9_]*)\}$/;
const SUPPORTED = [
  'type',
  'command',
  'args',
  'env',
  'cwd',
  'url',
  'headers',
  'enabled',
  'timeouts',
  'includeTools',
  'excludeTools',
  'extra',
];

export function writeCodex(servers: readonly NamedEntry[]): WriteResult {
  const tables: JsonObject = {};
  const warnings: string[] = [];
  for (const written of servers) {
    if (written.entry.mcpb !== undefined) {
      warnings.push(bundleLeftOut(written.name, 'Codex'));
      continue;
    }
    const plainEntry = withoutMarks(withoutDisabled(withVariables(written.entry)));
    const server = { ...written, entry: plainEntry };
    warnings.push(...lostMarks(written, 'Codex'));
    const { entry } = server;
    const detected = detectType(entry);
    if (!('problem' in detected) && (detected.type === 'sse' || detected.type === 'websocket')) {
      warnings.push(`${server.name}.type: Codex supports remote servers over Streamable HTTP only`);
    }
    tables[writtenName(server, tables)] = tableOf(server);
    warnings.push(...droppedMembers(server, SUPPORTED, 'Codex'));
    for (const [field, text] of textsOf(server)) {
      if (text.includes('${')) {
        warnings.push(
          `${server.name}.${field}: Codex does not resolve references; the text is exported unchanged`,
        );
      }
    }
    const { start: _start, call: _call, ...others } = entry.timeouts ?? {};
    for (const other of Object.keys(others)) {
      warnings.push(`${server.name}.timeouts.${other}: Codex has no such setting`);
    }
  }
  return { document: { mcp_servers: tables }, warnings };
}

/** Converts Codex members to our names. */
export function codexMembers(table: Members): OwnEntry {
  const {
    bearer_token_env_var: bearer,
    http_headers: headers,
    env_http_headers: envHeaders,
    env_vars: passed,
    startup_timeout_sec: startup,
    tool_timeout_sec: tool,
    startup_timeout_ms: startupMs,
    ...entry
  } = table;
  const allHeaders = {
    ...(isObject(headers) ? headers : {}),
    ...references(isObject(envHeaders) ? envHeaders : {}),
    ...(typeof bearer === 'string' && { Authorization: `Bearer \${${bearer}}` }),
  };
  const names: unknown[] = Array.isArray(passed) ? passed : [];
  const env = {
    ...(isObject(entry['env']) ? entry['env'] : {}),
    ...references(Object.fromEntries(names.map((variable) => [String(variable), variable]))),
  };
  const start = startup === undefined ? startupMs : seconds(startup);
  const timeouts = {
    ...(start !== undefined && { start }),
    ...(tool !== undefined && { call: seconds(tool) }),
  };
  const { entry: members, origins } = withOwnMembers(entry);
  return {
    entry: {
      ...members,
      ...(Object.keys(env).length > 0 && { env }),
      ...(Object.keys(allHeaders).length > 0 && { headers: allHeaders }),
      ...(Object.keys(timeouts).length > 0 && { timeouts }),
    },
    origins: { ...origins, headers: [], timeouts: [] },
  };
}

/** Converts `disabled` to `enabled`, the only one that Codex has. */
function withoutDisabled({ disabled, ...entry }: ServerEntry): ServerEntry {
  return disabled === undefined ? entry : { ...entry, enabled: !disabled };
}

function tableOf({ entry }: { entry: PlainEntry }): JsonObject {
  const { command, args, env = {}, cwd, url, headers = {}, enabled, timeouts = {} } = entry;
  const passed = Object.keys(env).filter((name) => VARIABLE.exec(env[name] ?? '')?.[1] === name);
  const bearer = BEARER.exec(headers['Authorization'] ?? '')?.[1];
  const envHeaders = pairs(headers).flatMap(([name, text]) => {
    const variable = VARIABLE.exec(text)?.[1];
    return variable === undefined ? [] : [[name, variable] as const];
  });
  const plainEnv = pairs(env).filter(([name]) => !passed.includes(name));
  const plainHeaders = pairs(headers).filter(
    ([name, text]) => !VARIABLE.test(text) && !(name === 'Authorization' && bearer !== undefined),
  );
  return {
    ...(command !== undefined && { command }),
    ...(args && { args }),
    ...(cwd !== undefined && { cwd }),
    ...(url !== undefined && { url }),
    ...(enabled !== undefined && { enabled }),
    ...(bearer !== undefined && { bearer_token_env_var: bearer }),
    ...(passed.length > 0 && { env_vars: passed }),
    ...(timeouts.start !== undefined && { startup_timeout_sec: toSeconds(timeouts.start) }),
    ...(timeouts.call !== undefined && { tool_timeout_sec: toSeconds(timeouts.call) }),
    ...(entry.includeTools && { enabled_tools: entry.includeTools }),
    ...(entry.excludeTools && { disabled_tools: entry.excludeTools }),
    ...extraOf(entry, 'codex'),
    ...(plainEnv.length > 0 && { env: Object.fromEntries(plainEnv) }),
    ...(plainHeaders.length > 0 && { http_headers: Object.fromEntries(plainHeaders) }),
    ...(envHeaders.length > 0 && { env_http_headers: Object.fromEntries(envHeaders) }),
  };
}

function textsOf({ entry }: { entry: PlainEntry }): [string, string][] {
  const { args = [], env = {}, headers = {}, command = '', url = '' } = entry;
  return [
    ['command', command],
    ['url', url],
    ...args.map((arg, index): [string, string] => [`args[${index}]`, arg]),
    ...pairs(env)
      .filter(([name, text]) => VARIABLE.exec(text)?.[1] !== name)
      .map(([name, text]): [string, string] => [`env.${name}`, text]),
    ...pairs(headers)
      .filter(([, text]) => !VARIABLE.test(text) && !BEARER.test(text))
      .map(([name, text]): [string, string] => [`headers.${name}`, text]),
  ];
}

function pairs(texts: Record<string, string>): [string, string][] {
  return Object.entries(texts);
}

function references(variables: Members): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => [
      name,
      typeof variable === 'string' ? `\${${variable}}` : variable,
    ]),
  );
}

function seconds(value: unknown): unknown {
  return typeof value === 'number' ? value * MS_PER_SECOND : value;
}

function toSeconds(duration: string | number): number {
  return toMs(duration) / MS_PER_SECOND;
}
