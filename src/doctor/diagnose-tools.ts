import { OLDEST_PYTHON } from '../programs/python/python-tools';
import {
  type EngineFact,
  type Facts,
  type PlatformFacts,
  type PythonFact,
  type ServerFacts,
  type ToolFact,
} from './facts';
import { type Finding } from './finding';
import { installCommand, JOIN_DOCKER_GROUP, startDockerCommand } from './fix-commands';
import { type Need, needsOf } from './needs';

const DO_FIX = 'mainspring doctor --fix';
const NOT_NEEDED = 'not needed by any server';

/** The tools that servers are installed and started with; none is missing unless a server needs it. */
export function diagnoseTools(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  const { platform, npm, git } = facts;
  const affected = (...needs: Need[]) => namesOf(servers, needs);
  return [
    toolFinding('npm', npm, platform, affected('npm')),
    pythonFinding(facts, { all: affected('python', 'interpreter'), own: affected('interpreter') }),
    uvFinding(facts, { all: affected('python', 'uv'), own: affected('uv') }),
    toolFinding('git', git, platform, affected('git')),
    engineFinding(facts, affected('docker')),
  ];
}

function namesOf(servers: readonly ServerFacts[], needs: readonly Need[]): string[] {
  return servers.flatMap(({ name, spec }) =>
    spec && needsOf(spec).some((need) => needs.includes(need)) ? [name] : [],
  );
}

type FindingHead = Pick<Finding, 'id' | 'title' | 'affects' | 'fixable' | 'needed'>;

function toolFinding(
  id: 'npm' | 'git',
  fact: ToolFact,
  platform: PlatformFacts,
  affects: string[],
): Finding {
  const finding = { id, title: id, affects, fixable: false };
  if (fact.state === 'found') return { ...finding, status: 'ok', found: fact.version };
  return absentFinding(finding, shortcomingOf(fact), installCommand(id, platform));
}

/** An unusable tool is missing only when a server needs it; otherwise it is reported as ok. */
function absentFinding(finding: FindingHead, shortcoming: string, fix: string): Finding {
  if (finding.affects.length > 0) return { ...finding, status: 'missing', found: shortcoming, fix };
  return { ...finding, status: 'ok', found: `${shortcoming}; ${NOT_NEEDED}` };
}

/** `all` use the tool when it is available; `own` call it themselves and accept no substitute. */
interface AffectedServers {
  all: string[];
  own: string[];
}

function pythonFinding({ python, uv, platform }: Facts, { all, own }: AffectedServers): Finding {
  const finding = {
    id: 'python',
    title: 'Python',
    affects: all,
    fixable: false,
    needed: `${OLDEST_PYTHON} or newer, with venv`,
  };
  const hasUv = uv.state === 'found';
  const fix = installCommand('python', platform);
  if (python.state === 'found') {
    const found = `${python.version}, ${python.executable}`;
    const isEnough = python.makesEnvironments || all.length === own.length;
    if (isEnough) return { ...finding, status: 'ok', found };
    if (hasUv)
      return { ...finding, status: 'ok', found: `${found}, without venv; uv is used instead` };
    // uv needs no venv.
    const cure = canInstallUv(python) ? DO_FIX : fix;
    return { ...finding, status: 'missing', found: `${found}, without venv`, fix: cure };
  }
  if (hasUv && all.length > 0 && own.length === 0) {
    const found = `${shortcomingOf(python)}; uv downloads its own`;
    return { ...finding, status: 'warning', found, fix };
  }
  return absentFinding(finding, shortcomingOf(python), fix);
}

function uvFinding({ uv, python, platform }: Facts, { all, own }: AffectedServers): Finding {
  const finding = { id: 'uv', title: 'uv', affects: all, fixable: false };
  if (uv.state === 'found') {
    return { ...finding, status: 'ok', found: `${uv.version}, ${uv.file}` };
  }
  const shortcoming = shortcomingOf(uv);
  const install = installCommand('uv', platform);
  const fixable = own.length < all.length && canInstallUv(python);
  // Servers that start uv themselves find it on PATH only, so the one in our tools folder does not help.
  if (own.length > 0) {
    return { ...finding, status: 'missing', found: shortcoming, fix: install, fixable };
  }
  if (all.length === 0) return absentFinding(finding, shortcoming, install);
  const instead = python.state === 'found' && python.makesEnvironments;
  return {
    ...finding,
    status: 'warning',
    found: `${shortcoming}; ${instead ? 'venv and pip are used instead, which is slower' : 'it can replace Python with venv'}`,
    fix: fixable ? DO_FIX : install,
    fixable,
  };
}

function canInstallUv(python: PythonFact): boolean {
  return python.state === 'found' && python.canInstallUv;
}

/** Podman is accepted instead of Docker: it takes the same command lines. */
function engineFinding({ docker, podman, platform }: Facts, affects: string[]): Finding {
  const finding = {
    id: 'docker',
    title: 'Docker',
    affects,
    fixable: false,
    needed: 'a running engine',
  };
  if (docker.state === 'running') return { ...finding, status: 'ok', found: docker.version };
  if (podman.state === 'running') {
    return { ...finding, status: 'ok', found: `Podman ${podman.version} is used instead` };
  }
  if (docker.state === 'absent') {
    return absentFinding(finding, 'not installed', installCommand('docker', platform));
  }
  const { version, reason } = docker;
  const shortcoming = `client ${version}, but the engine is not responding: ${reason}`;
  return absentFinding(finding, shortcoming, engineFix(docker, platform));
}

function engineFix(
  { reason, hasDaemon }: Extract<EngineFact, { state: 'stopped' }>,
  platform: PlatformFacts,
): string {
  if (/permission denied/i.test(reason)) return JOIN_DOCKER_GROUP;
  const isInstalled = hasDaemon || platform.os !== 'linux';
  return isInstalled ? startDockerCommand(platform) : installCommand('docker', platform);
}

function shortcomingOf(fact: Exclude<ToolFact, { state: 'found' }>): string {
  return fact.state === 'absent' ? 'not installed' : `${fact.file} does not work: ${fact.reason}`;
}
