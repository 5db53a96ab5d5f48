import path from 'node:path';
import { type ServerEntry } from '../config/config-schema';
import { detectType } from '../fields/server-type';
import { continueShape, geminiShape, opencodeShape } from './export-shapes';
import { type Editor } from './write-editor';

const CONNECTION = ['command', 'args', 'env', 'cwd', 'url', 'headers'];
const COMMON = [...CONNECTION, 'disabled'];

const plainType = ({ type }: ServerEntry) =>
  type === 'nodejs' || type === 'python' || type === 'docker' ? 'stdio' : type;

/** Programs whose config has a table of servers. */
export const EDITORS = {
  claude: {
    title: 'Claude',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: COMMON,
    references: 'plain',
    // Claude treats an entry without a type as a command, even if it has a URL.
    type: (entry) =>
      plainType(entry) ?? (entry.url === undefined ? undefined : detectedType(entry)),
  },
  cursor: {
    title: 'Cursor',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: [...COMMON, 'envFile'],
    references: 'env',
    type: plainType,
  },
  windsurf: {
    title: 'Windsurf',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: [...COMMON, 'excludeTools'],
    names: { url: 'serverUrl', excludeTools: 'disabledTools' },
    references: 'env',
    type: plainType,
  },
  cline: {
    title: 'Cline',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: COMMON,
    references: 'env',
    type: (entry) => (detectedType(entry) === 'http' ? 'streamableHttp' : detectedType(entry)),
  },
  roo: {
    title: 'Roo Code',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: [...COMMON, 'excludeTools'],
    names: { excludeTools: 'disabledTools' },
    references: 'env',
    type: (entry) => (detectedType(entry) === 'http' ? 'streamable-http' : detectedType(entry)),
  },
  gemini: {
    title: 'Gemini CLI',
    dialect: 'gemini',
    table: 'mcpServers',
    supported: [...CONNECTION, 'includeTools', 'excludeTools'],
    references: 'plain',
    type: () => undefined,
    shape: geminiShape,
  },
  copilot: {
    title: 'Copilot CLI',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: [...CONNECTION, 'includeTools'],
    names: { includeTools: 'tools' },
    references: 'plain',
    type: (entry) => (detectedType(entry) === 'stdio' ? 'local' : detectedType(entry)),
    shape: (members) => ({ tools: ['*'], ...members }),
  },
  kiro: {
    title: 'Kiro',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: [...COMMON, 'excludeTools'],
    names: { excludeTools: 'disabledTools' },
    references: 'plain',
    type: () => undefined,
  },
  amazonq: {
    title: 'Amazon Q',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: COMMON,
    references: 'none',
    type: (entry) => (entry.url === undefined ? undefined : detectedType(entry)),
  },
  jetbrains: {
    title: 'Junie',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: COMMON,
    references: 'none',
    type: () => undefined,
  },
  warp: {
    title: 'Warp',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: CONNECTION,
    names: { cwd: 'working_directory' },
    references: 'plain',
    type: () => undefined,
  },
  amp: {
    title: 'Amp',
    dialect: 'amp',
    table: 'amp.mcpServers',
    supported: [...COMMON, 'includeTools'],
    references: 'plain',
    type: () => undefined,
  },
  zed: {
    title: 'Zed',
    dialect: 'zed',
    table: 'context_servers',
    supported: ['command', 'args', 'env', 'url', 'headers', 'enabled'],
    references: 'none',
    type: () => undefined,
  },
  opencode: {
    title: 'OpenCode',
    dialect: 'opencode',
    table: 'mcp',
    supported: [...CONNECTION, 'enabled'],
    references: 'braced',
    type: () => undefined,
    shape: opencodeShape,
  },
  goose: {
    title: 'Goose',
    dialect: 'goose',
    table: 'extensions',
    supported: ['command', 'args', 'env', 'url', 'headers', 'enabled', 'includeTools'],
    names: { command: 'cmd', env: 'envs', url: 'uri', includeTools: 'available_tools' },
    references: 'plain',
    type: (entry) => (detectedType(entry) === 'http' ? 'streamable_http' : detectedType(entry)),
    shape: (members, name) => ({ enabled: true, name, ...members }),
  },
  continue: {
    title: 'Continue',
    dialect: 'continue',
    table: 'mcpServers',
    isList: true,
    supported: CONNECTION,
    references: 'none',
    type: (entry) => (detectedType(entry) === 'http' ? 'streamable-http' : detectedType(entry)),
    shape: continueShape,
  },
  librechat: {
    title: 'LibreChat',
    dialect: 'mcpServers',
    table: 'mcpServers',
    supported: ['command', 'args', 'env', 'url', 'headers'],
    references: 'plain',
    type: (entry) => (detectedType(entry) === 'http' ? 'streamable-http' : detectedType(entry)),
  },
  vscode: {
    title: 'VS Code',
    dialect: 'vscode',
    table: 'servers',
    supported: ['command', 'args', 'env', 'cwd', 'url', 'headers', 'envFile'],
    references: 'env',
    hasInputs: true,
    type: (entry) => detectedType(entry) ?? entry.type,
  },
  typed: {
    title: 'This format',
    dialect: 'typed',
    table: 'servers',
    supported: [
      'command',
      'args',
      'env',
      'cwd',
      'url',
      'headers',
      'healthCheck',
      'enabled',
      'disabled',
    ],
    names: { healthCheck: 'health_check' },
    references: 'plain',
    type: (entry) => runtimeOf(entry) ?? detectedType(entry),
  },
} as const satisfies Record<string, Editor>;

function detectedType(entry: ServerEntry): string | undefined {
  const detected = detectType(entry);
  return 'problem' in detected ? undefined : detected.type;
}

/** Returns the runtime of a command, when its name identifies one. */
function runtimeOf({ type, command }: ServerEntry): string | undefined {
  if (type === 'nodejs' || type === 'python' || type === 'docker') return type;
  if (command === undefined) return undefined;
  const program = path.basename(command).replace(/\.(?:exe|cmd)$/i, '');
  if (/^(?:node|npx|npm|bun|bunx|tsx|pnpm|yarn)$/.test(program)) return 'nodejs';
  if (/^(?:python[\d.]*|uvx?|pipx|poetry)$/.test(program)) return 'python';
  return program === 'docker' ? 'docker' : undefined;
}
