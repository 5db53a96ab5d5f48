import path from 'node:path';
import { type ServerEntry } from '../config-schema';
import { detectType } from '../server-type';
import { type Editor } from './write-editor';

const COMMON = ['command', 'args', 'env', 'cwd', 'url', 'headers', 'disabled'];

const plainType = ({ type }: ServerEntry) =>
  type === 'nodejs' || type === 'python' || type === 'docker' ? 'stdio' : type;

/** The programs that read JSON with a table of servers. */
export const EDITORS = {
  claude: {
    title: 'Claude',
    dialect: 'mcpServers',
    table: 'mcpServers',
    held: COMMON,
    references: 'plain',
    // It takes an entry without a type for a program, also when it has a URL.
    type: (entry) =>
      plainType(entry) ?? (entry.url === undefined ? undefined : detectedType(entry)),
  },
  cursor: {
    title: 'Cursor',
    dialect: 'mcpServers',
    table: 'mcpServers',
    held: [...COMMON, 'envFile'],
    references: 'env',
    type: plainType,
  },
  windsurf: {
    title: 'Windsurf',
    dialect: 'mcpServers',
    table: 'mcpServers',
    held: COMMON,
    names: { url: 'serverUrl' },
    references: 'env',
    type: plainType,
  },
  vscode: {
    title: 'VS Code',
    dialect: 'vscode',
    table: 'servers',
    held: ['command', 'args', 'env', 'cwd', 'url', 'headers', 'envFile'],
    references: 'env',
    hasInputs: true,
    type: (entry) => detectedType(entry) ?? entry.type,
  },
  typed: {
    title: 'This form',
    dialect: 'typed',
    table: 'servers',
    held: ['command', 'args', 'env', 'cwd', 'url', 'headers', 'healthCheck', 'enabled', 'disabled'],
    names: { healthCheck: 'health_check' },
    references: 'plain',
    type: (entry) => runtimeOf(entry) ?? detectedType(entry),
  },
} as const satisfies Record<string, Editor>;

function detectedType(entry: ServerEntry): string | undefined {
  const detected = detectType(entry);
  return 'problem' in detected ? undefined : detected.type;
}

/** The runtime that a command belongs to, where its name says so. */
function runtimeOf({ type, command }: ServerEntry): string | undefined {
  if (type === 'nodejs' || type === 'python' || type === 'docker') return type;
  if (command === undefined) return undefined;
  const program = path.basename(command).replace(/\.(?:exe|cmd)$/i, '');
  if (/^(?:node|npx|npm|bun|bunx|tsx|pnpm|yarn)$/.test(program)) return 'nodejs';
  if (/^(?:python[\d.]*|uvx?|pipx|poetry)$/.test(program)) return 'python';
  return program === 'docker' ? 'docker' : undefined;
}
