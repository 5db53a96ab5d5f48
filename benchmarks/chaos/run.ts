import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type MainspringClient } from '../../src';
import { commandLine, processesOf, serverProcesses } from '../processes';
import { until } from '../until';
import { startCaller } from './caller-process';
import { type Violation, violationsOf } from './check';
import { strike, type Struck } from './faults';
import { type Fleet, startFleet } from './fleet';
import { type ChaosOptions, type ChaosPlan, planChaos } from './plan';
import { replayAll } from './replay';
import { readSightings, type Sighting, sightingOf } from './sightings';

/** Time after the last call was due for all that was killed to come back, and for calls to wait for it. */
const AFTERMATH_LIMIT_MS = 120_000;
const ORPHAN_GRACE_MS = 10_000;
/** Keys that the last round submits at once, and attempts of one that does not run. */
const PARALLEL = 16;
const ATTEMPTS = 5;

export interface ChaosResult {
  options: ChaosOptions;
  struck: Struck[];
  sightings: Sighting[];
  last: Sighting[];
  ledger: string[];
  histories: number;
  /** Violations of keys, and of the instance as a whole (then the key is empty). */
  violations: Violation[];
}

/** Carries out the plan on a separate instance, and reports what is wrong afterwards. Bounded in time. */
export async function runChaos(
  options: ChaosOptions,
  { onProgress, env }: { onProgress: (line: string) => void; env?: Record<string, string> },
): Promise<ChaosResult> {
  const plan = planChaos(options);
  const fleet = await startFleet({ ...options, env });
  const { mark } = fleet.instance;
  let result: ChaosResult | undefined;
  try {
    await fleet.allRunning();
    onProgress(`${options.servers} servers on ${options.hosts} hosts run; the calls begin`);
    const outcome = await underFire(fleet, plan, onProgress);
    result = await examine(fleet, { options, plan, ...outcome }, onProgress);
  } finally {
    // The logs and the database explain what went wrong.
    const keep = result === undefined || result.violations.length > 0;
    if (keep) onProgress(`The data directory stays: ${fleet.instance.home}`);
    await fleet.close({ keep });
  }
  const left = await withinGrace(() => processesOf(mark).map(describeProcess));
  const problems = left.map((process) => `outlives its instance: ${process}`);
  return { ...result, violations: [...result.violations, ...problems.map(ofInstance)] };
}

interface UnderFire {
  struck: Struck[];
  /** Parts that were killed and did not come back. */
  lost: string[];
  sightings: Sighting[];
}

async function underFire(
  fleet: Fleet,
  plan: ChaosPlan,
  onProgress: (line: string) => void,
): Promise<UnderFire> {
  const { home } = fleet.instance;
  const sightingsFile = path.join(home, 'sightings');
  const startedAtMs = Date.now();
  const calls = plan.calls.map(({ server, ...call }) => ({
    ...call,
    server: fleet.servers[server] ?? '',
  }));
  const caller = startCaller({ home, calls, startedAtMs, sightingsFile });
  const strikes = plan.faults.map(async (fault) => {
    await sleep(Math.max(0, startedAtMs + fault.atMs - Date.now()));
    const struck = await strike(fleet, caller, fault);
    onProgress(`${since(startedAtMs)} ${describeStrike(struck)}`);
    return struck;
  });
  try {
    const settled = await Promise.allSettled(strikes);
    const over = sleep(lastCallMs(plan) + AFTERMATH_LIMIT_MS, false, { ref: false });
    const isDone = await Promise.race([caller.process.ended.then(() => true), over]);
    const stuck = isDone ? [] : ['the caller has not got an outcome for every call'];
    return {
      struck: settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : [])),
      lost: [
        ...settled.flatMap((one) => (one.status === 'rejected' ? String(one.reason) : [])),
        ...stuck,
      ],
      sightings: readSightings(sightingsFile),
    };
  } finally {
    await caller.process.stop();
  }
}

const lastCallMs = ({ calls }: ChaosPlan) => calls.at(-1)?.atMs ?? 0;

async function examine(
  fleet: Fleet,
  { plan, lost, ...given }: UnderFire & { options: ChaosOptions; plan: ChaosPlan },
  onProgress: (line: string) => void,
): Promise<ChaosResult> {
  const { instance, client, servers } = fleet;
  const problems = [...lost];
  await fleet.allRunning().catch(async () => {
    for (const { name, state, reason } of await client.servers.list()) {
      if (state !== 'RUNNING') problems.push(`${name} is ${state} (${reason})`);
    }
  });
  onProgress('Submitting every key once more');
  const last = await submitAll(client, plan, servers);
  const orphans = await withinGrace(() =>
    serverProcesses(instance.mark)
      .filter(({ isOwned }) => !isOwned)
      .map(({ pid, server }) => `${server}: ${describeProcess(pid)}`),
  );
  problems.push(...orphans.map((orphan) => `lost its host and runs on: ${orphan}`));
  onProgress('Replaying every history');
  const { temporal } = await instance.instance();
  const { histories, failures } = await replayAll(temporal);
  problems.push(...failures.map((failure) => `does not replay: ${failure}`));
  const ledger = readFileSync(fleet.ledger, 'utf8').split('\n').slice(0, -1);
  const keys = plan.calls.map(({ key }) => key);
  const violations = violationsOf({ keys, sightings: given.sightings, last, ledger });
  return {
    ...given,
    last,
    ledger,
    histories,
    violations: [...violations, ...problems.map(ofInstance)],
  };
}

/** Submits every key a last time; one that does not run gets a few more chances now that everything is well. */
async function submitAll(
  client: MainspringClient,
  { calls }: ChaosPlan,
  servers: readonly string[],
): Promise<Sighting[]> {
  const sightings: Sighting[] = [];
  const queue = calls.values();
  const work = async () => {
    for (const { key, server } of queue) {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const outcome = await client.callTool(
          servers[server] ?? '',
          'count',
          { line: key },
          { idempotencyKey: key },
        );
        if (outcome.outcome === 'failed' && attempt < ATTEMPTS) continue;
        sightings.push(sightingOf(key, outcome));
        break;
      }
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return sightings;
}

/** Returns what is still there after a while: the end of a process takes its time. */
async function withinGrace(look: () => string[]): Promise<string[]> {
  await until('nothing is left', () => look().length === 0, { limitMs: ORPHAN_GRACE_MS }).catch(
    () => undefined,
  );
  return look();
}

const since = (startMs: number) => `${((Date.now() - startMs) / 1_000).toFixed(1).padStart(6)} s`;

function describeStrike({ kind, target, atMs, pid, recoveryMs }: Struck): string {
  const after = recoveryMs === undefined ? 'nothing to recover' : `${Math.round(recoveryMs)} ms`;
  const at = (atMs / 1_000).toFixed(1);
  return `kill -9 of ${kind}${target === kind ? '' : ` ${target}`} (${pid}) at ${at} s: ${after}`;
}

const describeProcess = (pid: number) => `${pid} ${commandLine(pid)}`;
const ofInstance = (problem: string): Violation => ({ key: '', problem });
