import path from 'node:path';
import { nearMatches } from '../base/nearest-names';
import { type ConfigFile } from '../inventory/config/config-file';
import { type ServerEntry } from '../inventory/config/config-schema';
import { type AgentFile, type AgentServer } from './agent-file';
import { fillTemplate, missingParameters } from './fill-template';
import { suggest } from './suggest';
import { type Template } from './template-schema';

/** Effect of attaching an agent on each of its servers. */
export interface AgentPlan {
  /** Already in the inventory; not changed. */
  existing: { name: string; autoStart: boolean }[];
  /** To be added, once the user has approved their commands. */
  added: NewAgentServer[];
  /** Not in the inventory, and not described well enough to be added. */
  unknown: UnknownAgentServer[];
}

export interface NewAgentServer {
  name: string;
  autoStart: boolean;
  entry: ServerEntry;
  baseDir: string;
  /** File or template that describes it. */
  from: string;
  /** Whether the agent uses it; others are imported along with it from a legacy file. */
  isUsed: boolean;
}

interface UnknownAgentServer {
  name: string;
  reason: string;
  /** Names of similar servers and templates. */
  suggestions: string[];
  fix: string;
}

export interface AgentSources {
  /** Names of the servers in the inventory. */
  servers: readonly string[];
  templates: readonly Template[];
  /** Files named mcp_servers.json that were found. */
  legacy: readonly ConfigFile[];
  cwd: string;
}

/** Decides the source of each server of an agent: the inventory, the agent file, a legacy file, or a template. */
export function planAgent(agent: AgentFile, sources: AgentSources): AgentPlan {
  const plan: AgentPlan = { existing: [], added: [], unknown: [] };
  for (const server of uniqueServers(agent.servers)) {
    const { name, autoStart } = server;
    if (sources.servers.includes(name)) plan.existing.push({ name, autoStart });
    else {
      const found = describeServer(server, agent, sources);
      if ('reason' in found) plan.unknown.push(found);
      else plan.added.push(found);
    }
  }
  for (const legacy of sources.legacy.flatMap((file) =>
    serversOfFirstImport(file, sources.servers),
  )) {
    if (!plan.added.some(({ name }) => name === legacy.name)) plan.added.push(legacy);
  }
  return plan;
}

function describeServer(
  { name, autoStart, entry }: AgentServer,
  agent: AgentFile,
  sources: AgentSources,
): NewAgentServer | UnknownAgentServer {
  const common = { name, autoStart, isUsed: true };
  if (entry) return { ...common, entry, baseDir: path.dirname(agent.file), from: agent.file };
  for (const { file, baseDir, entries } of sources.legacy) {
    const legacy = entries.find((one) => one.name === name);
    if (legacy) return { ...common, entry: legacy.entry, baseDir, from: file };
  }
  const template = sources.templates.find((one) => one.name === name);
  if (!template) return unknownServer(name, sources);
  const missing = missingParameters(template);
  if (missing.length > 0) return incompleteTemplate(name, missing);
  const { entry: filled } = fillTemplate(template, {
    server: name,
    values: {},
    baseDir: sources.cwd,
  });
  return { ...common, entry: filled, baseDir: sources.cwd, from: `template ${name}` };
}

/**
 * Whether no server of the file is in the inventory yet. Otherwise it was imported before, and servers removed since
 * then stay removed.
 */
export function isFirstImport({ entries }: ConfigFile, servers: readonly string[]): boolean {
  return !entries.some(({ name }) => servers.includes(name));
}

function serversOfFirstImport(legacy: ConfigFile, servers: readonly string[]): NewAgentServer[] {
  if (!isFirstImport(legacy, servers)) return [];
  const { file, baseDir, entries } = legacy;
  const common = { autoStart: false, isUsed: false, baseDir, from: file };
  return entries.map(({ name, entry }) => ({ name, entry, ...common }));
}

function unknownServer(name: string, { servers, templates }: AgentSources): UnknownAgentServer {
  const near = nearMatches(name, [...servers, ...templates.map((template) => template.name)]);
  const fitting = suggest(templates, name.replace(/[-_]/g, ' '), { limit: 2 }).suggestions;
  const suggestions = [...new Set([...near, ...fitting.map((suggestion) => suggestion.name)])];
  return {
    name,
    reason: 'There is no server or template with this name.',
    suggestions,
    fix: `mainspring add ${name} -- <command>, or use one of the suggestions in the agent file.`,
  };
}

function incompleteTemplate(name: string, missing: string[]): UnknownAgentServer {
  const sets = missing.map((parameter) => `--set ${parameter.split(' or ')[0]}=…`).join(' ');
  return {
    name,
    reason: `Its template requires values: ${missing.join(', ')}.`,
    suggestions: [],
    fix: `mainspring add ${name} --template ${name} ${sets}`,
  };
}

/** Merges servers with the same name; `autoStart` of one is enough. */
function uniqueServers(servers: readonly AgentServer[]): AgentServer[] {
  const byName = new Map<string, AgentServer>();
  for (const server of servers) {
    const before = byName.get(server.name);
    byName.set(server.name, {
      ...server,
      ...before,
      autoStart: server.autoStart || before?.autoStart === true,
    });
  }
  return [...byName.values()];
}
