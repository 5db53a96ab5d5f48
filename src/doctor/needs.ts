import path from 'node:path';
import { type ProgramSource } from '../domain/programs/programs';
import { type ServerSpec } from '../domain/spec';
import { decideMissing } from '../programs/prerequisites';

/** Tools that servers may need; `python` can be replaced by uv, `interpreter` is Python itself. */
export type Need = 'npm' | 'python' | 'interpreter' | 'uv' | 'git' | 'docker';

/** Servers that start git themselves. */
const RUNS_GIT = new Set(['mcp-server-git', '@cyanheads/git-mcp-server']);

const NEED_OF_COMMAND: Readonly<Record<string, Need>> = {
  npm: 'npm',
  npx: 'npm',
  uv: 'uv',
  uvx: 'uv',
  git: 'git',
  python: 'interpreter',
  python3: 'interpreter',
  docker: 'docker',
  podman: 'docker',
};

/** Commands that fetch what they run, anew or from a cache, at every start. */
const RUNNERS = new Set(['npx', 'bunx', 'pnpx', 'uvx', 'pipx']);

/** The tools that a server cannot be installed or started without. */
export function needsOf({ process }: ServerSpec): Need[] {
  if (process === undefined) return [];
  if (process.program !== undefined) return needsOfSource(process.program.source);
  const need = needOfCommand(process.command);
  return need === undefined ? [] : [need];
}

/** The tool that a command belongs to; undefined for any other program. */
export function needOfCommand(command: string): Need | undefined {
  return NEED_OF_COMMAND[path.basename(command)];
}

/** The package runner that starts a server whose program is not installed by Mainspring. */
export function runnerOf({ process }: ServerSpec): string | undefined {
  if (process === undefined || process.program !== undefined) return undefined;
  const name = path.basename(process.command);
  return RUNNERS.has(name) ? name : undefined;
}

/** Tools that its installation would lack on a machine that has none. */
function needsOfSource(source: ProgramSource): Need[] {
  const emptyMachine = source.method === 'docker' ? { engine: { unresponsive: [] } } : {};
  const needs: Need[] = decideMissing(source, emptyMachine).map(({ tool }) => tool);
  const runsGit = 'package' in source && RUNS_GIT.has(source.package);
  return runsGit && !needs.includes('git') ? [...needs, 'git'] : needs;
}
