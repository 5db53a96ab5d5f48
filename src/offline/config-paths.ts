import path from 'node:path';
import { CONFIG_PROGRAMS, type ConfigProgram } from '../domain/programs/config-programs';

export { type ConfigProgram as Program };

/** Config in the working directory; belongs to no particular program. */
export const LEGACY_FILE = 'mcp_servers.json';

export interface ConfigEnvironment {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** The home folder of the user. */
  home: string;
  cwd: string;
}

/** Builds of VS Code, each with settings of its own. */
const CODE_FOLDERS = ['Code', 'Code - Insiders', 'VSCodium'];

/** Default locations of configs, searched when no file is given. */
export function allConfigPaths(environment: ConfigEnvironment): string[] {
  const paths = CONFIG_PROGRAMS.flatMap((program) => configPathsOf(program, environment));
  return [path.join(environment.cwd, LEGACY_FILE), ...paths];
}

/** Default locations of a program's MCP servers: of the project in the working directory first, then of the user. */
export function configPathsOf(program: ConfigProgram, environment: ConfigEnvironment): string[] {
  const { project, user } = CONFIG_PATHS[program](foldersOf(environment));
  return [
    ...project.map((file) => path.join(environment.cwd, file)),
    ...user.map((file) => path.resolve(environment.home, file)),
  ];
}

interface Folders {
  platform: NodeJS.Platform;
  env: ConfigEnvironment['env'];
  /** Folder of the user's settings on this system. */
  settings: string;
  /** Folder of the settings of programs that use `~/.config` on a Mac, too. */
  dotConfig: string;
  /** Data folders of an extension, one for each build of VS Code. */
  extensionData: (extension: string) => string[];
}

/** Paths below the working directory, and below the home folder of the user. */
interface ConfigPaths {
  project: readonly string[];
  user: readonly string[];
}

const both = (...paths: string[]): ConfigPaths => ({ project: paths, user: paths });

const CONFIG_PATHS: Record<ConfigProgram, (folders: Folders) => ConfigPaths> = {
  claude: ({ settings }) => ({
    project: ['.mcp.json'],
    user: [path.join(settings, 'Claude', 'claude_desktop_config.json'), '.claude.json'],
  }),
  cursor: () => both('.cursor/mcp.json'),
  vscode: ({ settings }) => ({
    project: ['.vscode/mcp.json'],
    user: CODE_FOLDERS.flatMap((code) => [
      path.join(settings, code, 'User', 'mcp.json'),
      path.join(settings, code, 'User', 'settings.json'),
    ]),
  }),
  windsurf: () => ({ project: [], user: ['.codeium/windsurf/mcp_config.json'] }),
  codex: ({ env }) => ({
    project: ['.codex/config.toml'],
    user: [path.join(env['CODEX_HOME'] || '.codex', 'config.toml')],
  }),
  cline: ({ extensionData }) => ({
    project: [],
    user: [
      ...extensionData('saoudrizwan.claude-dev/settings/cline_mcp_settings.json'),
      '.cline/data/settings/cline_mcp_settings.json',
    ],
  }),
  roo: ({ extensionData }) => ({
    project: ['.roo/mcp.json'],
    user: extensionData('rooveterinaryinc.roo-cline/settings/mcp_settings.json'),
  }),
  gemini: () => both('.gemini/settings.json'),
  opencode: ({ dotConfig }) => ({
    project: [
      'opencode.json',
      'opencode.jsonc',
      '.opencode/opencode.json',
      '.opencode/opencode.jsonc',
    ],
    user: ['opencode.json', 'opencode.jsonc'].map((file) => path.join(dotConfig, 'opencode', file)),
  }),
  zed: ({ platform, settings, dotConfig }) => ({
    project: ['.zed/settings.json'],
    user: [
      platform === 'win32'
        ? path.join(settings, 'Zed', 'settings.json')
        : path.join(dotConfig, 'zed', 'settings.json'),
    ],
  }),
  amp: ({ dotConfig }) => ({
    project: ['.amp/settings.json'],
    user: [path.join(dotConfig, 'amp', 'settings.json')],
  }),
  goose: ({ platform, settings, dotConfig }) => ({
    project: [],
    user: [
      platform === 'win32'
        ? path.join(settings, 'Block', 'goose', 'config', 'config.yaml')
        : path.join(dotConfig, 'goose', 'config.yaml'),
    ],
  }),
  continue: () => both('.continue/config.yaml', '.continue/config.json'),
  copilot: () => ({ project: ['.github/mcp.json'], user: ['.copilot/mcp-config.json'] }),
  kiro: () => both('.kiro/settings/mcp.json'),
  amazonq: () => ({ project: ['.amazonq/mcp.json'], user: ['.aws/amazonq/mcp.json'] }),
  jetbrains: ({ dotConfig }) => ({
    project: ['.junie/mcp/mcp.json'],
    user: ['.junie/mcp/mcp.json', path.join(dotConfig, 'github-copilot', 'intellij', 'mcp.json')],
  }),
  warp: () => both('.warp/.mcp.json'),
  librechat: () => ({ project: ['librechat.yaml'], user: [] }),
};

function foldersOf(environment: ConfigEnvironment): Folders {
  const { platform, env, home } = environment;
  const settings = settingsFolder(environment);
  return {
    platform,
    env,
    settings,
    dotConfig: env['XDG_CONFIG_HOME'] || path.join(home, '.config'),
    extensionData: (extension) =>
      CODE_FOLDERS.map((code) => path.join(settings, code, 'User', 'globalStorage', extension)),
  };
}

/** Returns the folder that programs keep user settings in. */
function settingsFolder({ platform, env, home }: ConfigEnvironment): string {
  if (platform === 'darwin') return path.join(home, 'Library', 'Application Support');
  if (platform === 'win32') return env['APPDATA'] || path.join(home, 'AppData', 'Roaming');
  return env['XDG_CONFIG_HOME'] || path.join(home, '.config');
}
