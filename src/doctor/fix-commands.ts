import { type PackageManager, type PlatformFacts } from './facts';

/** What somebody may have to install, with the name that people know. */
export type Installable = keyof typeof PAGES;

/** Where there is no package manager that we know. */
const PAGES = {
  node: 'https://nodejs.org/en/download',
  npm: 'https://nodejs.org/en/download',
  python: 'https://www.python.org/downloads/',
  venv: 'https://docs.python.org/3/library/venv.html',
  uv: 'https://docs.astral.sh/uv/getting-started/installation/',
  git: 'https://git-scm.com/downloads',
  docker: 'https://docs.docker.com/engine/install/',
  podman: 'https://podman.io/docs/installation',
  temporal: 'https://docs.temporal.io/cli/setup-cli',
} as const;

const UV_SCRIPT = 'curl -LsSf https://astral.sh/uv/install.sh | sh';
const TEMPORAL_SCRIPT =
  'curl -sSf https://temporal.download/cli.sh | sh && export PATH="$HOME/.temporalio/bin:$PATH"';

/** As a user who is not root types them. */
const INSTALL: Record<PackageManager, Partial<Record<Installable, string>>> = {
  'apt-get': {
    // The distribution's own may be years old.
    node: 'curl -fsSL https://deb.nodesource.com/setup_22.x | sudo -E bash - && sudo apt-get install -y nodejs',
    npm: 'sudo apt-get update && sudo apt-get install -y npm',
    python: 'sudo apt-get update && sudo apt-get install -y python3 python3-venv python3-pip',
    venv: 'sudo apt-get update && sudo apt-get install -y python3-venv',
    uv: UV_SCRIPT,
    git: 'sudo apt-get update && sudo apt-get install -y git',
    docker: 'sudo apt-get update && sudo apt-get install -y docker.io',
    podman: 'sudo apt-get update && sudo apt-get install -y podman',
    temporal: TEMPORAL_SCRIPT,
  },
  dnf: {
    node: 'sudo dnf install -y nodejs npm',
    npm: 'sudo dnf install -y npm',
    python: 'sudo dnf install -y python3 python3-pip',
    venv: 'sudo dnf install -y python3 python3-pip',
    uv: UV_SCRIPT,
    git: 'sudo dnf install -y git',
    docker: 'sudo dnf install -y moby-engine',
    podman: 'sudo dnf install -y podman',
    temporal: TEMPORAL_SCRIPT,
  },
  pacman: {
    node: 'sudo pacman -S --needed --noconfirm nodejs npm',
    npm: 'sudo pacman -S --needed --noconfirm npm',
    python: 'sudo pacman -S --needed --noconfirm python python-pip',
    venv: 'sudo pacman -S --needed --noconfirm python python-pip',
    uv: 'sudo pacman -S --needed --noconfirm uv',
    git: 'sudo pacman -S --needed --noconfirm git',
    docker: 'sudo pacman -S --needed --noconfirm docker',
    podman: 'sudo pacman -S --needed --noconfirm podman',
    temporal: TEMPORAL_SCRIPT,
  },
  apk: {
    node: 'sudo apk add nodejs npm',
    npm: 'sudo apk add npm',
    python: 'sudo apk add python3 py3-pip',
    venv: 'sudo apk add python3 py3-pip',
    uv: 'sudo apk add uv',
    git: 'sudo apk add git',
    docker: 'sudo apk add docker',
    podman: 'sudo apk add podman',
    temporal: TEMPORAL_SCRIPT,
  },
  brew: {
    node: 'brew install node',
    npm: 'brew install node',
    python: 'brew install python',
    venv: 'brew install python',
    uv: 'brew install uv',
    git: 'brew install git',
    docker: 'brew install --cask docker',
    podman: 'brew install podman',
    temporal: 'brew install temporal',
  },
  winget: {
    node: 'winget install -e --id OpenJS.NodeJS.LTS',
    npm: 'winget install -e --id OpenJS.NodeJS.LTS',
    python: 'winget install -e --id Python.Python.3.13',
    venv: 'winget install -e --id Python.Python.3.13',
    uv: 'winget install -e --id astral-sh.uv',
    git: 'winget install -e --id Git.Git',
    docker: 'winget install -e --id Docker.DockerDesktop',
    podman: 'winget install -e --id RedHat.Podman',
  },
};

const START_DOCKER: Record<PlatformFacts['services'], string> = {
  systemd: 'sudo systemctl enable --now docker',
  openrc: 'sudo rc-update add docker default && sudo rc-service docker start',
  none: 'sudo dockerd >/tmp/dockerd.log 2>&1 &',
};

/** Package managers by how likely they are the one that the machine is kept with. */
export const PACKAGE_MANAGERS: Partial<Record<NodeJS.Platform, readonly PackageManager[]>> = {
  linux: ['apt-get', 'dnf', 'pacman', 'apk', 'brew'],
  darwin: ['brew'],
  win32: ['winget'],
};

/** What installs it on this machine. */
export function installCommand(
  what: Installable,
  platform: Pick<PlatformFacts, 'packageManager' | 'isRoot'>,
): string {
  const { packageManager } = platform;
  const command = packageManager && INSTALL[packageManager][what];
  if (command === undefined) return `Install it: ${PAGES[what]}`;
  return asUser(command, platform);
}

/** What starts the Docker engine that is installed. */
export function startDockerCommand({ os, services, isRoot }: PlatformFacts): string {
  if (os === 'darwin') return 'open -a Docker';
  if (os === 'win32') return 'Start-Process "Docker Desktop"';
  return asUser(START_DOCKER[services], { isRoot });
}

/** For a user whom the engine turns away. */
export const JOIN_DOCKER_GROUP = 'sudo usermod -aG docker "$USER" && newgrp docker';

function asUser(command: string, { isRoot }: { isRoot: boolean }): string {
  return isRoot ? command.replace(/\bsudo (?:-E )?/g, '') : command;
}
