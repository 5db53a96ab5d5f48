import path from 'node:path';
import { type ProgramSource } from '../domain/programs';
import { type ServerSpec } from '../domain/spec';

/** Tools that servers may need; `python` is either Python that can make environments, or uv. */
export type Need = 'npm' | 'python' | 'interpreter' | 'uv' | 'git' | 'docker' | 'podman';

/** Servers that start git themselves. */
const RUNS_GIT = new Set(['mcp-server-git', '@cyanheads/git-mcp-server', 'git-mcp-server']);
const FROM_GIT = /\bgit\+|\bgit:\/\/|^github:|^gitlab:|^bitbucket:/;

const NEED_OF_COMMAND: Readonly<Record<string, Need>> = {
  ...{ npm: 'npm', npx: 'npm', uv: 'uv', uvx: 'uv', git: 'git' },
  ...{ python: 'interpreter', python3: 'interpreter', docker: 'docker', podman: 'podman' },
};

/** Commands that fetch what they run, anew or from a cache, at every start. */
const RUNNERS = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx']);

/** The tools that a server cannot be installed or started without. */
export function needsOf({ process }: ServerSpec): Need[] {
  if (process === undefined) return [];
  if (process.program === undefined) {
    const need = needOfCommand(process.command);
    return need === undefined ? [] : [need];
  }
  const { source } = process.program;
  return [...needsOfMethod(source, process.command), ...(needsGit(source) ? ['git' as const] : [])];
}

/** The tool that a command belongs to; undefined for any other program. */
export function needOfCommand(command: string): Need | undefined {
  return NEED_OF_COMMAND[path.basename(command)];
}

/** The package runner that a server is started with, when its program is not installed by Mainspring. */
export function runnerOf({ process }: ServerSpec): string | undefined {
  if (process === undefined || process.program !== undefined) return undefined;
  const name = path.basename(process.command);
  return RUNNERS.has(name) ? name : undefined;
}

function needsOfMethod({ method }: ProgramSource, command: string): Need[] {
  switch (method) {
    case 'npm':
    case 'node-project':
      return ['npm'];
    case 'pypi':
    case 'python-project':
      return ['python'];
    case 'docker':
      return [path.basename(command) === 'podman' ? 'podman' : 'docker'];
    case 'mcpb':
      return []; // what is inside says its manifest, when it is installed
  }
}

function needsGit(source: ProgramSource): boolean {
  if (source.method !== 'npm' && source.method !== 'pypi') return false;
  const words = [source.package, source.wanted, ...(source.with ?? [])];
  return RUNS_GIT.has(source.package) || words.some((word) => FROM_GIT.test(word));
}
