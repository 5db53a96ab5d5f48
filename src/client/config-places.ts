import path from 'node:path';

export const PROGRAMS = ['claude', 'cursor', 'vscode', 'windsurf', 'codex'] as const;
export type Program = (typeof PROGRAMS)[number];

/** In the working directory; no program's own. */
export const LEGACY_FILE = 'mcp_servers.json';

export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** The home folder of the user. */
  home: string;
  cwd: string;
}

/** Builds of VS Code, each with settings of its own. */
const CODE_FOLDERS = ['Code', 'Code - Insiders', 'VSCodium'];

/** Where servers may be that nobody has said the place of. */
export function allPlaces(machine: Machine): string[] {
  const places = PROGRAMS.flatMap((program) => placesOf(program, machine));
  return [path.join(machine.cwd, LEGACY_FILE), ...places];
}

/** Where a program keeps its MCP servers: of the project in the working directory first, then of the user. */
export function placesOf(program: Program, machine: Machine): string[] {
  const { env, home, cwd } = machine;
  const settings = settingsFolder(machine);
  switch (program) {
    case 'claude':
      return [
        path.join(cwd, '.mcp.json'),
        path.join(settings, 'Claude', 'claude_desktop_config.json'),
        path.join(home, '.claude.json'),
      ];
    case 'cursor':
      return [cwd, home].map((folder) => path.join(folder, '.cursor', 'mcp.json'));
    case 'vscode':
      return [
        path.join(cwd, '.vscode', 'mcp.json'),
        ...CODE_FOLDERS.flatMap((code) => [
          path.join(settings, code, 'User', 'mcp.json'),
          path.join(settings, code, 'User', 'settings.json'),
        ]),
      ];
    case 'windsurf':
      return [path.join(home, '.codeium', 'windsurf', 'mcp_config.json')];
    case 'codex':
      return [
        path.join(cwd, '.codex', 'config.toml'),
        path.join(env['CODEX_HOME'] || path.join(home, '.codex'), 'config.toml'),
      ];
  }
}

/** Where programs keep what a user has set. */
function settingsFolder({ platform, env, home }: Machine): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env['APPDATA'] || path.join(home, 'AppData', 'Roaming');
  return env['XDG_CONFIG_HOME'] || path.join(home, '.config');
}
