import { OLDEST_PYTHON } from '../programs/python-tools';
import {
  type EngineFact,
  type Facts,
  type PlatformFacts,
  type PythonFact,
  type ServerFacts,
  type ToolFact,
} from './facts';
import { type Finding } from './finding';
import {
  type Installable,
  installCommand,
  JOIN_DOCKER_GROUP,
  startDockerCommand,
} from './fix-commands';
import { type Need, needsOf } from './needs';

const DO_FIX = 'mainspring doctor --fix';
const NOT_NEEDED = 'no server here needs it';

/** The tools that servers are installed and started with; none is missing unless a server needs it. */
export function diagnoseTools(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  const { platform, npm, git, docker, podman } = facts;
  const affected = (...needs: Need[]) => namesOf(servers, needs);
  const podmanServers = affected('podman');
  return [
    toolFinding(npm, platform, { id: 'npm', title: 'npm', affects: affected('npm') }),
    pythonFinding(facts, { all: affected('python', 'interpreter'), own: affected('interpreter') }),
    uvFinding(facts, { all: affected('python', 'uv'), own: affected('uv') }),
    toolFinding(git, platform, { id: 'git', title: 'git', affects: affected('git') }),
    engineFinding('docker', docker, platform, affected('docker')),
    ...(podmanServers.length > 0 ? [engineFinding('podman', podman, platform, podmanServers)] : []),
  ];
}

function namesOf(servers: readonly ServerFacts[], needs: readonly Need[]): string[] {
  return servers.flatMap(({ name, spec }) =>
    spec && needsOf(spec).some((need) => needs.includes(need)) ? [name] : [],
  );
}

function toolFinding(
  fact: ToolFact,
  platform: PlatformFacts,
  { id, title, affects }: { id: 'npm' | 'git'; title: string; affects: string[] },
): Finding {
  const finding = { id, title, affects, fixable: false };
  if (fact.state === 'found') return { ...finding, status: 'ok', found: fact.version };
  return absentFinding(finding, shortcomingOf(fact), installCommand(id, platform));
}

/** What cannot be used is missing when a server needs it, and else only worth knowing. */
function absentFinding(
  finding: Pick<Finding, 'id' | 'title' | 'affects' | 'fixable' | 'needed'>,
  shortcoming: string,
  fix: string,
): Finding {
  if (finding.affects.length > 0) return { ...finding, status: 'missing', found: shortcoming, fix };
  return { ...finding, status: 'ok', found: `${shortcoming}; ${NOT_NEEDED}` };
}

/** `all` would use Python when there is one, `own` cannot do with uv instead. */
interface Concerned {
  all: string[];
  own: string[];
}

function pythonFinding({ python, uv, platform }: Facts, { all, own }: Concerned): Finding {
  const finding = {
    ...{ id: 'python', title: 'Python', affects: all, fixable: false },
    needed: `${OLDEST_PYTHON} or newer, with venv`,
  };
  const hasUv = uv.state === 'found';
  if (python.state === 'found') {
    const found = `${python.version}, ${python.executable}`;
    if (python.makesEnvironments || all.length === own.length)
      return { ...finding, status: 'ok', found };
    if (hasUv) return { ...finding, status: 'ok', found: `${found}, without venv: uv is used` };
    const fix = installCommand('venv', platform);
    return { ...finding, status: 'missing', found: `${found}, without venv`, fix };
  }
  const fix = installCommand('python', platform);
  if (hasUv && all.length > 0 && own.length === 0) {
    const found = `${shortcomingOf(python)}; uv fetches one for itself`;
    return { ...finding, status: 'warning', found, fix };
  }
  return absentFinding(finding, shortcomingOf(python), fix);
}

function uvFinding({ uv, python, platform }: Facts, { all, own }: Concerned): Finding {
  const finding = { id: 'uv', title: 'uv', affects: all, fixable: false };
  if (uv.state === 'found') {
    return { ...finding, status: 'ok', found: `${uv.version}, ${uv.file}` };
  }
  const fixable = own.length < all.length && canInstallUv(python);
  const fix = fixable ? DO_FIX : installCommand('uv', platform);
  const shortcoming = shortcomingOf(uv);
  // Servers that start it themselves look for it on PATH: our tools folder does not help them.
  if (own.length > 0) {
    const onPath = installCommand('uv', platform);
    return { ...finding, status: 'missing', found: shortcoming, fix: onPath, fixable };
  }
  if (all.length === 0) return absentFinding(finding, shortcoming, fix);
  const found = `${shortcoming}; venv and pip are used, which take longer`;
  return { ...finding, status: 'warning', found, fix, fixable };
}

function canInstallUv(python: PythonFact): boolean {
  return python.state === 'found' && python.canInstallUv;
}

function engineFinding(
  id: 'docker' | 'podman',
  fact: EngineFact,
  platform: PlatformFacts,
  affects: string[],
): Finding {
  const title = { docker: 'Docker', podman: 'Podman' }[id];
  const finding = { id, title, affects, fixable: false };
  if (fact.state === 'running') return { ...finding, status: 'ok', found: `${fact.version}, runs` };
  const needed = { ...finding, needed: 'a running engine' };
  if (fact.state === 'absent') {
    return absentFinding(needed, 'not there', installCommand(id, platform));
  }
  const shortcoming = `client ${fact.version}, but no engine: ${fact.reason}`;
  return absentFinding(needed, shortcoming, engineFix(id, fact, platform));
}

function engineFix(
  id: Installable & ('docker' | 'podman'),
  { reason, hasDaemon }: Extract<EngineFact, { state: 'stopped' }>,
  platform: PlatformFacts,
): string {
  if (/permission denied/i.test(reason)) return JOIN_DOCKER_GROUP;
  const isInstalled = hasDaemon || platform.os !== 'linux';
  if (id === 'docker' && isInstalled) return startDockerCommand(platform);
  return installCommand(id, platform);
}

function shortcomingOf(fact: Exclude<ToolFact, { state: 'found' }>): string {
  return fact.state === 'absent' ? 'not there' : `${fact.file} does not work: ${fact.reason}`;
}
