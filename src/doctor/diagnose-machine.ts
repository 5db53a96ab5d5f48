import { isAtLeast } from '../programs/python/python-tools';
import { driverOfOurBuild } from '../temporal/executable-cache';
import { MIN_VERSION } from '../temporal/executable-version';
import {
  type DiskFact,
  type Facts,
  type HomeFact,
  type PlatformFacts,
  type PortFact,
  type TemporalFact,
} from './facts';
import { type Finding } from './finding';
import { installCommand } from './fix-commands';
import { LOW_FREE_BYTES, MIN_FREE_BYTES, OLDEST_GO, OLDEST_NODE } from './limits';

const BYTES_PER_GB = 1_000_000_000;

/** Findings about what Mainspring itself needs. */
export function diagnoseMachine(facts: Facts): Finding[] {
  return [
    nodeFinding(facts),
    homeFinding(facts.home),
    ...(facts.inventoryProblem === undefined ? [] : [inventoryFinding(facts.inventoryProblem)]),
    ...(facts.disk ? [diskFinding(facts.disk)] : []),
    temporalFinding(facts.temporal, facts.platform),
    ...facts.ports.map(portFinding),
  ];
}

function nodeFinding({ node, platform }: Facts): Finding {
  const isNewEnough = isAtLeast(node, OLDEST_NODE);
  return {
    ...own('node', 'Node.js'),
    status: isNewEnough ? 'ok' : 'missing',
    found: node,
    needed: `${OLDEST_NODE.join('.')} or newer`,
    ...(!isNewEnough && { fix: installCommand('node', platform) }),
  };
}

function homeFinding(home: HomeFact): Finding {
  const { folder } = home;
  const finding = {
    ...own('home', 'Data directory'),
    needed: 'a folder that only its user can access',
  };
  const missing = { ...finding, status: 'missing' as const };
  const elsewhere = 'Choose another: export MAINSPRING_HOME=<folder>';
  switch (home.state) {
    case 'usable':
      return { ...finding, status: 'ok', found: folder };
    case 'absent':
      return home.canCreate
        ? { ...finding, status: 'ok', found: `${folder}, created by the first up`, fixable: true }
        : { ...missing, found: `${folder} does not exist and cannot be created`, fix: elsewhere };
    case 'open': {
      const found = `${folder} is open to other users (mode ${home.mode})`;
      const close = `chmod 700 ${quoted(folder)}`;
      const fix = home.isOurs ? close : `${elsewhere}, or, if nothing else uses it: ${close}`;
      return { ...missing, found, fix, fixable: home.isOurs };
    }
    case 'foreign':
      return { ...missing, found: `${folder} belongs to another user`, fix: elsewhere };
    case 'unwritable': {
      const fix = `chmod 700 ${quoted(folder)}`;
      return { ...missing, found: `${folder} is not writable`, fix, fixable: true };
    }
    case 'not-a-directory':
      return { ...missing, found: `${folder} is not a directory`, fix: elsewhere };
  }
}

function inventoryFinding(problem: string): Finding {
  return {
    ...own('inventory', 'Inventory'),
    status: 'missing',
    found: problem,
    needed: 'a readable inventory',
    fix: 'Correct the file at the given line, or restore it from a backup.',
  };
}

function diskFinding({ folder, freeBytes }: DiskFact): Finding {
  const finding = {
    ...own('disk', 'Disk space'),
    found: `${gigabytes(freeBytes)} free for ${folder}`,
    needed: `at least ${gigabytes(MIN_FREE_BYTES)}, ${gigabytes(LOW_FREE_BYTES)} recommended`,
  };
  if (freeBytes >= LOW_FREE_BYTES) return { ...finding, status: 'ok' };
  return {
    ...finding,
    status: freeBytes < MIN_FREE_BYTES ? 'missing' : 'warning',
    fix: `See what uses the space: du -xh -d1 ${quoted(folder)} | sort -h`,
  };
}

const SOURCES = {
  variable: 'MAINSPRING_TEMPORAL_BIN',
  path: 'PATH',
  package: 'package',
  cache: 'cache',
};

function temporalFinding(temporal: TemporalFact, platform: PlatformFacts): Finding {
  const finding = own('temporal', 'Temporal');
  const missing = { ...finding, status: 'missing' as const };
  switch (temporal.state) {
    case 'running': {
      const { address, pid, isReachable } = temporal;
      const process = pid === undefined ? '' : ` (pid ${pid})`;
      if (isReachable)
        return { ...finding, status: 'ok', found: `running at ${address}${process}` };
      const found = `not responding at ${address}${process} although Mainspring is running`;
      return { ...missing, found, fix: 'mainspring down && mainspring up --detach' };
    }
    case 'external': {
      const { address, problem } = temporal;
      if (problem === undefined) {
        return { ...finding, status: 'ok', found: `reachable at ${address} (TEMPORAL_ADDRESS)` };
      }
      const fix = 'Correct TEMPORAL_ADDRESS, or use the embedded server: unset TEMPORAL_ADDRESS';
      return { ...missing, found: problem, needed: `Temporal at ${address}`, fix };
    }
    case 'misconfigured': {
      const fix = 'Correct the variable, or unset it';
      return { ...missing, found: temporal.problem, needed: 'a valid setting', fix };
    }
    case 'executable': {
      const { source, file, version } = temporal;
      const how = SOURCES[source];
      const found = `${version}, from the ${how}: ${file}`;
      const driver = driverOfOurBuild(file);
      if (driver === 'go' && source === 'cache') {
        return {
          ...finding,
          status: 'warning',
          found: `${found}; built without a C compiler, so that each durable call costs it about 1.4 times the CPU time`,
          needed: 'a build with SQLite in C',
          fix: `${installCommand('cc', platform)} && rm ${quoted(file)} && mainspring up`,
        };
      }
      if (driver !== undefined) return { ...finding, status: 'ok', found };
      return {
        ...finding,
        status: 'warning',
        found: `${found}; web pages can reach its UI`,
        needed: 'a UI that only accepts requests for localhost, unlike the official one',
        fix: 'mainspring up --no-ui (see docs/security.md)',
      };
    }
    case 'absent':
      return absentTemporal(finding, temporal, platform);
  }
}

function absentTemporal(
  finding: Omit<Finding, 'status' | 'found'>,
  { go, canDownload, reasons }: Extract<TemporalFact, { state: 'absent' }>,
  platform: PlatformFacts,
): Finding {
  const canBuild = go !== undefined && isAtLeast(go, OLDEST_GO);
  const ways = [
    ...(canDownload ? ['downloads it (45 MB, once)'] : []),
    ...(canBuild ? [`builds it with Go ${go} (about 4 minutes, once)`] : []),
  ];
  const old = reasons.map((reason) => `${reason}; `).join('');
  const needed = `Temporal CLI ${MIN_VERSION} or newer, or Go ${OLDEST_GO.join('.')} or newer to build it`;
  const fix = installCommand('temporal', platform);
  if (ways.length === 0) {
    const found = `${old}not found, and cannot be downloaded or built`;
    return { ...finding, status: 'missing', found, needed, fix };
  }
  const found = `${old}not installed yet: the first up ${ways.join(', or ')}`;
  return { ...finding, status: 'warning', found, needed, fix };
}

const PORTS: Record<PortFact['use'], { id: string; flag: string; variable: string }> = {
  Temporal: { id: 'port-temporal', flag: '--temporal-port', variable: 'MAINSPRING_TEMPORAL_PORT' },
  'Temporal UI': { id: 'port-ui', flag: '--ui-port', variable: 'MAINSPRING_UI_PORT' },
  'MCP endpoint': { id: 'port-api', flag: '--port', variable: 'MAINSPRING_PORT' },
};

function portFinding({ use, port, chosen, owner }: PortFact): Finding {
  const { id, flag, variable } = PORTS[use];
  const finding = own(id, `${use} port`);
  if (chosen === undefined) {
    const found = `cannot listen on ${port}`;
    return { ...finding, status: 'missing', found, fix: `mainspring up ${flag} 0` };
  }
  if (port === 0) return { ...finding, status: 'ok', found: 'any free port' };
  if (chosen === port) return { ...finding, status: 'ok', found: `${port} is free` };
  const taken = `${port} is in use${owner === undefined ? '' : ` by ${owner}`}`;
  return {
    ...finding,
    status: 'warning',
    found: `${taken}; using ${chosen} instead`,
    fix: `No action needed. To make it permanent: export ${variable}=${chosen}`,
  };
}

function own(id: string, title: string): Pick<Finding, 'id' | 'title' | 'affects' | 'fixable'> {
  return { id, title, affects: [], fixable: false };
}

function gigabytes(bytes: number): string {
  return `${(bytes / BYTES_PER_GB).toFixed(1)} GB`;
}

/** Quotes a path for a shell command. */
function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
