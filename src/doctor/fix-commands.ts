import { fixOf, type PackageTool } from '../programs/prerequisites';
import { type PlatformFacts } from './facts';

/** Tools that a user may have to install. */
export type Installable = 'npm' | 'python' | 'docker' | 'git' | keyof typeof PAGES;

/** Download pages, for a package manager that is unknown or does not have the tool. */
const PAGES = {
  node: 'https://nodejs.org/en/download',
  uv: 'https://docs.astral.sh/uv/getting-started/installation/',
  temporal: 'https://docs.temporal.io/cli/setup-cli',
  cc: 'https://gcc.gnu.org/install/binaries.html',
} as const;

const UV_SCRIPT = 'curl -LsSf https://astral.sh/uv/install.sh | sh';
const TEMPORAL_SCRIPT =
  'curl -sSf https://temporal.download/cli.sh | sh && export PATH="$HOME/.temporalio/bin:$PATH"';
/** Used because the package of the distribution may be years old. */
const NODESOURCE = 'setup_22.x | sudo -E bash -';

/** Commands, as an unprivileged user types them, for tools that installations do not require; `fixOf` has the rest. */
const INSTALL: Record<keyof typeof PAGES, Partial<Record<PackageTool, string>>> = {
  node: {
    'apt-get': `curl -fsSL https://deb.nodesource.com/${NODESOURCE} && sudo apt-get install -y nodejs`,
    dnf: `curl -fsSL https://rpm.nodesource.com/${NODESOURCE} && sudo dnf install -y nodejs`,
    apk: 'sudo apk add nodejs npm',
    pacman: 'sudo pacman -S --noconfirm nodejs npm',
    zypper: 'sudo zypper install -y nodejs22 npm22',
    brew: 'brew install node',
    winget: 'winget install -e --id OpenJS.NodeJS.LTS',
  },
  uv: {
    'apt-get': UV_SCRIPT,
    dnf: UV_SCRIPT,
    zypper: UV_SCRIPT,
    apk: 'sudo apk add uv',
    pacman: 'sudo pacman -S --noconfirm uv',
    brew: 'brew install uv',
    winget: 'winget install -e --id astral-sh.uv',
  },
  temporal: {
    'apt-get': TEMPORAL_SCRIPT,
    dnf: TEMPORAL_SCRIPT,
    zypper: TEMPORAL_SCRIPT,
    apk: TEMPORAL_SCRIPT,
    pacman: TEMPORAL_SCRIPT,
    brew: 'brew install temporal',
  },
  cc: {
    'apt-get': 'sudo apt-get install -y gcc libc6-dev',
    dnf: 'sudo dnf install -y gcc',
    apk: 'sudo apk add build-base',
    pacman: 'sudo pacman -S --noconfirm gcc',
    zypper: 'sudo zypper install -y gcc',
    brew: 'xcode-select --install',
  },
};

const START_DOCKER: Record<PlatformFacts['services'], string> = {
  systemd: 'sudo systemctl enable --now docker',
  openrc: 'sudo rc-update add docker default && sudo rc-service docker start',
  none: 'sudo dockerd >/tmp/dockerd.log 2>&1 &',
};

/** Fix for a user who has no permission to use the engine. */
export const JOIN_DOCKER_GROUP = 'sudo usermod -aG docker "$USER" && newgrp docker';

/** Returns the command that installs a tool on this machine. */
export function installCommand(
  what: Installable,
  { packageTool, isRoot }: Pick<PlatformFacts, 'packageTool' | 'isRoot'>,
): string {
  return asUser(withFreshLists(commandOf(what, packageTool)), isRoot);
}

/** Returns the command that starts an installed Docker engine. */
export function startDockerCommand({ os, services, isRoot }: PlatformFacts): string {
  if (os === 'darwin') return 'open -a Docker';
  if (os === 'win32') return 'Start-Process "Docker Desktop"';
  return asUser(START_DOCKER[services], isRoot);
}

function commandOf(what: Installable, packageTool: PackageTool | undefined): string {
  if (!isDescribedHere(what)) return fixOf(what, packageTool);
  return (packageTool && INSTALL[what][packageTool]) ?? `Install it: ${PAGES[what]}`;
}

function isDescribedHere(what: Installable): what is keyof typeof PAGES {
  return Object.hasOwn(PAGES, what);
}

/** Fresh machines and containers have no package lists yet. */
function withFreshLists(command: string): string {
  return command.startsWith('sudo apt-get install') ? `sudo apt-get update && ${command}` : command;
}

function asUser(command: string, isRoot: boolean): string {
  return isRoot ? command.replace(/\bsudo (?:-E )?/g, '') : command;
}
