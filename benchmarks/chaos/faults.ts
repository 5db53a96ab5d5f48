import { isRunning } from '../processes';
import { timeToAnswer, timeToCommand, signalled } from '../recovery-time';
import { until } from '../until';
import { type Caller } from './caller-process';
import { type Fleet } from './fleet';
import { type Fault, type FaultKind } from './plan';

/** A part that was killed before comes back within this time, to be killed again. */
const PRESENT_LIMIT_MS = 30_000;

/** A `kill -9` that was carried out. */
export interface Struck {
  kind: FaultKind;
  atMs: number;
  /** The server, the host, or the part. */
  target: string;
  pid: number;
  /** Milliseconds until what was lost works again; absent when nothing was lost, as with a host without servers. */
  recoveryMs?: number;
}

/** Kills the target of a fault and resolves when everything that it took down is back. */
export async function strike(fleet: Fleet, caller: Caller, fault: Fault): Promise<Struck> {
  const { kind, atMs } = fault;
  const target = targetOf(fleet, fault);
  const pid = await until(
    `a process to kill (${kind} ${target})`,
    () => pidOf(fleet, caller, fault),
    { limitMs: PRESENT_LIMIT_MS },
  );
  const lost = lostWith(fleet, fault, target);
  await signalled(pid);
  const recoveries = await Promise.all(lost.map((name) => recovery(fleet, caller, kind, name)));
  const recoveryMs = recoveries.length > 0 ? Math.max(...recoveries) : undefined;
  return { kind, atMs, target, pid, ...(recoveryMs !== undefined && { recoveryMs }) };
}

function targetOf({ instance, servers, loneHosts }: Fleet, { kind, index }: Fault): string {
  if (kind === 'server') return servers[index] ?? '';
  if (kind === 'lone-host') return loneHosts[index]?.id ?? '';
  return kind === 'host' || kind === 'roles' ? instance.mark : kind;
}

async function pidOf(fleet: Fleet, caller: Caller, fault: Fault): Promise<number | undefined> {
  const { instance, loneHosts, recordedOf } = fleet;
  const { kind, index } = fault;
  if (kind === 'caller') return caller.process.pid;
  if (kind === 'lone-host') return loneHosts[index]?.process.pid;
  if (kind === 'server') {
    const ids = [instance.mark, ...loneHosts.map(({ id }) => id)];
    const pids = ids.map((id) => recordedOf(id).get(targetOf(fleet, fault)));
    return pids.find((pid) => pid !== undefined && isRunning(pid)); // a dead host's record stays
  }
  const { pids } = await instance.instance();
  return kind === 'host' || kind === 'roles' ? pids.hosts[instance.mark] : pids[kind];
}

/** Returns the servers whose answers the fault delays. */
function lostWith({ servers, recordedOf }: Fleet, { kind }: Fault, target: string): string[] {
  if (kind === 'server') return [target];
  if (kind === 'host' || kind === 'roles' || kind === 'lone-host') {
    return [...recordedOf(target).keys()];
  }
  if (kind === 'api') return []; // no call of the run goes through it
  return servers.slice(0, 1);
}

async function recovery(
  { client }: Fleet,
  caller: Caller,
  kind: FaultKind,
  server: string,
): Promise<number> {
  if (kind === 'caller') return caller.timeToOutcome();
  return kind === 'worker' ? timeToCommand(client, server) : timeToAnswer(client, server);
}
