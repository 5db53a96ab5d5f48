import { type Settings } from '../config';
import { MainspringError, reportOf } from '../base/errors';
import { type ConfigFile } from '../inventory/config/config-file';
import { type Inventory, readInventory } from '../inventory/inventory';
import { mergeFile } from '../inventory/merge/merge-file';
import { diagnose } from './diagnose';
import { unknownServer } from '../domain/servers/unknown-name-errors';
import { type Facts, type PlatformFacts, type PortFact } from './facts';
import { type Finding } from './finding';
import { probeEngine } from './probes/engine';
import { probeDisk, probeHome } from './probes/home';
import { probePlatform } from './probes/platform';
import { probePort } from './probes/ports';
import { probeProxy } from './probes/proxy';
import { probePython, probeUv } from './probes/python';
import { probeServer } from './probes/server';
import { probeTemporal, type RunningInstance } from './probes/temporal';
import { probeTool } from './probes/tool';

export interface Examination {
  settings: Pick<
    Settings,
    'home' | 'cacheDir' | 'temporalBin' | 'temporalPort' | 'uiPort' | 'apiPort' | 'apiHost'
  >;
  env: NodeJS.ProcessEnv;
  /** Servers to examine; default: Mainspring itself and every enabled server. */
  names: readonly string[];
  /** Configs whose servers are examined before they are imported; default: the servers of the inventory. */
  configs?: readonly ConfigFile[];
  /** Instance that is running on the data directory, if any. */
  instance?: (RunningInstance & { hostPid?: number | undefined }) | undefined;
}

export interface ExaminationResult {
  platform: PlatformFacts;
  findings: Finding[];
}

/**
 * Examines this machine and the inventory, with all probes in parallel. Needs no running instance and changes nothing.
 *
 * @throws MainspringError UNKNOWN_SERVER when a name is not in the inventory
 */
export async function examine(examination: Examination): Promise<ExaminationResult> {
  const { names, settings, env, instance, configs } = examination;
  const inventory = configs ? importedInventory(configs) : await readableInventory(settings.home);
  const problem = inventory instanceof MainspringError ? inventory.message : undefined;
  const chosen = inventory instanceof MainspringError ? [] : chosenServers(inventory, names);
  const context = { env, home: settings.home, hostPid: instance?.hostPid };
  const [facts, servers] = await Promise.all([
    gatherFacts(examination),
    Promise.all(chosen.map(([name, server]) => probeServer(name, server, context))),
  ]);
  const allFacts = { ...facts, ...(problem !== undefined && { inventoryProblem: problem }) };
  const findings = diagnose(allFacts, servers);
  const isAboutAll = names.length === 0 && !configs;
  const isRelevant = ({ affects, id }: Finding) =>
    isAboutAll || affects.length > 0 || id === 'inventory';
  return { platform: facts.platform, findings: findings.filter(isRelevant) };
}

/** Returns the inventory that an import of the configs alone would create. */
function importedInventory(configs: readonly ConfigFile[]): Inventory {
  const empty: Inventory = { version: 1, servers: {} };
  return configs.reduce(
    (inventory, config) => mergeFile(inventory, config, Date.now()).inventory,
    empty,
  );
}

async function readableInventory(home: string): Promise<Inventory | MainspringError> {
  try {
    return await readInventory(home);
  } catch (error) {
    if (error instanceof MainspringError) return error;
    return new MainspringError('INVENTORY_CORRUPT', reportOf(error).message, { cause: error });
  }
}

/** Disabled servers are skipped, unless they are named. */
function chosenServers({ servers }: Inventory, names: readonly string[]) {
  const all = Object.entries(servers);
  for (const name of names) {
    if (servers[name] === undefined) throw unknownServer(name, Object.keys(servers));
  }
  if (names.length > 0) return all.filter(([name]) => names.includes(name));
  return all.filter(([, { entry }]) => entry.enabled ?? !entry.disabled);
}

/** Address that the embedded Temporal listens on. */
const LOOPBACK = '127.0.0.1';

async function gatherFacts({ settings, env, instance }: Examination): Promise<Facts> {
  const { home, cacheDir, temporalBin } = settings;
  const [platform, npm, git, uv, python, docker, podman, disk, homeFact, temporal, ports] =
    await Promise.all([
      ...([probePlatform(env), probeTool('npm', env), probeTool('git', env)] as const),
      ...([probeUv(env, home), probePython(env)] as const),
      ...([probeEngine('docker', env), probeEngine('podman', env)] as const),
      ...([probeDisk(home), probeHome(home)] as const),
      ...([probeTemporal({ env, cacheDir, temporalBin, instance }), probePorts(settings)] as const),
    ]);
  const startsTemporal = temporal.state === 'executable' || temporal.state === 'absent';
  const neededPorts = ports.filter(({ use }) => use === 'MCP endpoint' || startsTemporal);
  return {
    platform,
    npm,
    git,
    uv,
    python,
    docker,
    podman,
    temporal,
    node: process.versions.node,
    home: homeFact,
    ports: instance ? [] : neededPorts,
    proxy: probeProxy(env, instance?.hostPid),
    ...(disk && { disk }),
  };
}

function probePorts(settings: Examination['settings']): Promise<PortFact[]> {
  const { temporalPort, uiPort, apiPort, apiHost } = settings;
  return Promise.all([
    probePort('Temporal', temporalPort, LOOPBACK),
    probePort('Temporal UI', uiPort, LOOPBACK),
    probePort('MCP endpoint', apiPort, apiHost),
  ]);
}
