import { MainspringError } from '../base/errors';
import { type InstallMethod, type ProgramSource } from '../domain/programs/programs';
import { type Engine, findEngine } from './docker/docker-engine';
import {
  findPython,
  findUv,
  makesEnvironments,
  OLDEST_PYTHON,
  onPath,
  type Python,
} from './python/python-tools';

type Environment = Readonly<Record<string, string | undefined>>;

/** A tool that a server needs and that this machine does not have. */
export interface MissingPrerequisite {
  tool: 'npm' | 'python' | 'docker' | 'git';
  /** Requirement, such as "Python 3.8 or newer". */
  needed: string;
  /** Version that is installed instead. */
  found?: string;
  /** Command or step that installs it on this operating system. */
  fix: string;
}

/** Package manager of the system. */
export type PackageTool = 'apt-get' | 'dnf' | 'apk' | 'pacman' | 'zypper' | 'brew' | 'winget';

/** Tools of this machine; only those that the method needs are probed. */
export interface MachineTools {
  npm?: string | undefined;
  git?: string | undefined;
  uv?: string | undefined;
  python?: Python | undefined;
  engine?: Engine | undefined;
  packageTool?: PackageTool | undefined;
}

const REQUIRED_TOOLS: Record<InstallMethod, MissingPrerequisite['tool'] | undefined> = {
  npm: 'npm',
  'node-project': 'npm',
  pypi: 'python',
  'python-project': 'python',
  mcpb: undefined, // its manifest declares them, after it is unpacked
  docker: 'docker',
};

const PACKAGE_TOOLS: PackageTool[] = [
  ...(['brew', 'apt-get', 'dnf', 'apk', 'pacman', 'zypper', 'winget'] as const),
];

const INSTALL: Record<PackageTool, string> = {
  'apt-get': 'sudo apt-get install -y',
  dnf: 'sudo dnf install -y',
  apk: 'sudo apk add',
  pacman: 'sudo pacman -S --noconfirm',
  zypper: 'sudo zypper install -y',
  brew: 'brew install',
  winget: 'winget install',
};

/** Names of packages that differ from the name of the tool. */
const PACKAGES: Record<MissingPrerequisite['tool'], Partial<Record<PackageTool, string>>> = {
  npm: { brew: 'node', winget: 'OpenJS.NodeJS.LTS' },
  python: {
    'apt-get': 'python3 python3-venv',
    dnf: 'python3 python3-pip',
    apk: 'python3 py3-pip',
    pacman: 'python',
    zypper: 'python3 python3-pip',
    winget: 'Python.Python.3.13',
  },
  docker: {
    'apt-get': 'docker.io',
    dnf: 'moby-engine',
    winget: 'Docker.DockerDesktop',
    brew: '--cask docker',
  },
  git: { winget: 'Git.Git' },
};

const START_SERVICE = 'sudo systemctl start docker';
const START_ENGINE: Partial<Record<PackageTool, string>> = {
  brew: 'open -a Docker',
  winget: 'Start Docker Desktop',
  apk: 'sudo rc-service docker start',
};

const BY_HAND: Record<MissingPrerequisite['tool'], string> = {
  npm: 'Install Node.js with npm: https://nodejs.org/en/download',
  python: 'Install Python: https://www.python.org/downloads/',
  docker: 'Install Docker: https://docs.docker.com/get-docker/',
  git: 'Install git: https://git-scm.com/downloads',
};

/** Returns the tools that the program needs and that are missing. */
export async function missingPrerequisites(
  source: ProgramSource,
  env: Environment,
  home: string,
): Promise<MissingPrerequisite[]> {
  return decideMissing(source, await probeMachine(source, env, home));
}

/** @throws MainspringError PREREQUISITE_MISSING with how to install what is missing */
export async function checkPrerequisites(
  source: ProgramSource,
  env: Environment,
  home: string,
): Promise<void> {
  const missing = await missingPrerequisites(source, env, home);
  if (missing.length === 0) return;
  const lines = missing.map(({ needed, found }) =>
    found === undefined
      ? `${needed} is required.`
      : `${needed} is required, but this machine has ${found}.`,
  );
  throw new MainspringError('PREREQUISITE_MISSING', lines.join('\n'), {
    fix: missing.map(({ fix }) => fix).join('\n'),
  });
}

export function decideMissing(source: ProgramSource, machine: MachineTools): MissingPrerequisite[] {
  const problem = (name: MissingPrerequisite['tool']) => ({
    tool: name,
    needed: name,
    fix: fixOf(name, machine.packageTool),
  });
  const missing: MissingPrerequisite[] = [];
  const tool = REQUIRED_TOOLS[source.method];
  if (tool === 'npm' && machine.npm === undefined) missing.push(problem('npm'));
  if (machine.engine && 'unresponsive' in machine.engine) {
    missing.push(engineProblem(machine.engine.unresponsive, machine.packageTool));
  }
  if (tool === 'python' && !machine.uv && !(machine.python && makesEnvironments(machine.python))) {
    missing.push(pythonProblem(machine));
  }
  if (needsGit(source) && machine.git === undefined) missing.push(problem('git'));
  return missing;
}

function pythonProblem({ python, packageTool }: MachineTools): MissingPrerequisite {
  const needed = `Python ${OLDEST_PYTHON} or newer with venv and pip, or uv,`;
  const fix = fixOf('python', packageTool);
  if (python === undefined) return { tool: 'python', needed, fix };
  const found = `Python ${python.version} without venv or pip`;
  const ownUv = python.pip ?? python.bundledPip;
  return { tool: 'python', needed, found, fix: ownUv ? 'mainspring doctor --fix' : fix };
}

function engineProblem(
  unresponsive: string[],
  packageTool: PackageTool | undefined,
): MissingPrerequisite {
  const missing = { tool: 'docker', needed: 'A running Docker or Podman' } as const;
  const [client] = unresponsive;
  if (client === undefined) return { ...missing, fix: fixOf('docker', packageTool) };
  const found = `${unresponsive.join(' and ')} without a running engine`;
  return { ...missing, found, fix: START_ENGINE[packageTool ?? 'apt-get'] ?? START_SERVICE };
}

/** Returns the command that installs a tool on this machine, or its download page. */
export function fixOf(
  tool: MissingPrerequisite['tool'],
  packageTool: PackageTool | undefined,
): string {
  if (packageTool === undefined) return BY_HAND[tool];
  return `${INSTALL[packageTool]} ${PACKAGES[tool][packageTool] ?? tool}`;
}

/** Returns the first package manager on PATH. */
export function findPackageTool(env: Environment): PackageTool | undefined {
  return PACKAGE_TOOLS.find((name) => onPath(name, env) !== undefined);
}

function needsGit(source: ProgramSource): boolean {
  const specs = source.method === 'npm' ? [source.wanted, ...(source.with ?? [])] : [];
  return specs.some((spec) => spec.startsWith('git+'));
}

async function probeMachine(
  source: ProgramSource,
  env: Environment,
  home: string,
): Promise<MachineTools> {
  const tool = REQUIRED_TOOLS[source.method];
  const uv = tool === 'python' ? await findUv(env, home) : undefined;
  return {
    uv,
    npm: onPath('npm', env),
    git: onPath('git', env),
    packageTool: findPackageTool(env),
    python: tool === 'python' && uv === undefined ? await findPython(env) : undefined,
    engine: tool === 'docker' ? await findEngine(env) : undefined,
  };
}
