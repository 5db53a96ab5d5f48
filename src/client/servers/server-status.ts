import { withServerName } from '../../base/errors';
import { startsOnCall } from '../../domain/entity/entity';
import { type ServerSnapshot } from '../../domain/messages';
import { observe, type SessionView } from '../../domain/servers/observation';
import { type ServerSpec } from '../../domain/spec';
import { type Isolation, NO_ISOLATION } from '../../domain/isolation/isolation';
import { possibleCommands, type ServerState } from '../../domain/states';
import { sourceName } from '../../domain/programs/programs';
import {
  type InstalledSummary,
  type ServerStatus,
  type ServerSummary,
} from '../../domain/servers/status';
import { blockedTools } from '../../domain/isolation/tool-changes';
import { type InventoryServer } from '../../inventory/inventory';
import { specOf } from '../../inventory/normalise';
import { shownEntry } from '../../inventory/config/shown-entry';

interface ServerFacts {
  name: string;
  record: InventoryServer;
  snapshot: ServerSnapshot | undefined;
  view: SessionView | undefined;
  nowMs: number;
}

/** Joins what the inventory, the entity and Temporal know of a server. */
export function serverStatus(known: ServerFacts): ServerStatus {
  const { name, record, snapshot, view, nowMs } = known;
  const spec = snapshot?.signed.spec ?? specOf(name, record);
  if (!snapshot) return notYet(known, spec);
  const { state, reason, alive } = observe(snapshot, view, nowMs);
  const isRunning = isUp(state);
  const { ready } = snapshot;
  // A heartbeat may be a second old, and still be of the previous child.
  const isOfThisChild = ready?.pid === undefined || alive?.pid === ready.pid;
  const measured = isOfThisChild ? alive : undefined;
  return {
    name,
    type: spec.type,
    state,
    health: isRunning ? snapshot.health : 'UNKNOWN',
    enabled: spec.enabled,
    generation: snapshot.generation,
    host: alive?.host ?? null,
    pid: (isRunning && alive ? (ready?.pid ?? alive.pid) : undefined) ?? null,
    uptimeMs: isRunning && ready ? nowMs - (measured?.upSinceMs ?? ready.atMs) : null,
    latencyMs: measured?.latencyMs ?? null,
    tools: ready?.tools ?? null,
    reason,
    error: snapshot.error
      ? { ...snapshot.error, fix: withServerName(snapshot.error.fix, name) }
      : null,
    possible: snapshot.possible,
    sinceMs: snapshot.sinceMs,
    restarts: snapshot.restarts,
    replicas: { wanted: spec.replicas ?? 1, ready: snapshot.readySessions },
    epoch: view?.attempt ?? null,
    rssBytes: measured?.rssBytes ?? null,
    cpuSeconds: measured?.cpuSeconds ?? null,
    cpuPercent: measured?.cpuPercent ?? null,
    threads: measured?.threads ?? null,
    latencyP50Ms: measured?.latencyP50Ms ?? null,
    latencyP95Ms: measured?.latencyP95Ms ?? null,
    inFlight: measured?.inFlight ?? null,
    retrying: measured ? (measured.retrying ?? 0) : null,
    healthReason: snapshot.healthReason,
    serverInfo: ready?.serverInfo ?? null,
    protocolVersion: ready?.protocolVersion ?? null,
    ...ofIsolation(snapshot.isolation, spec),
    transitions: snapshot.transitions,
    ...ofInventory(record, spec),
  };
}

/** Whether its child may live, even if a quarantine or maintenance covers that. */
function isUp(state: ServerState): boolean {
  return state === 'RUNNING' || state === 'QUARANTINED' || state === 'MAINTENANCE';
}

export function serverSummary(status: ServerStatus): ServerSummary {
  const { name, type, state, health, enabled, generation } = status;
  const { host, pid, uptimeMs, latencyMs, tools, reason, breaker, blockedTools } = status;
  return {
    name,
    type,
    state,
    health,
    enabled,
    generation,
    host,
    pid,
    uptimeMs,
    latencyMs,
    tools,
    reason,
    breaker,
    blockedTools,
  };
}

function notYet({ name, record }: ServerFacts, spec: ServerSpec): ServerStatus {
  return {
    name,
    type: spec.type,
    state: 'STOPPED',
    health: 'UNKNOWN',
    enabled: spec.enabled,
    generation: 0,
    host: null,
    pid: null,
    uptimeMs: null,
    latencyMs: null,
    tools: null,
    reason: startsOnCall(spec)
      ? 'idle until its first call'
      : 'in the inventory, but not registered with Temporal yet',
    error: null,
    possible: possibleCommands('STOPPED', spec.enabled),
    sinceMs: record.addedAtMs,
    restarts: 0,
    replicas: { wanted: spec.replicas ?? 1, ready: 0 },
    epoch: null,
    rssBytes: null,
    cpuSeconds: null,
    cpuPercent: null,
    threads: null,
    latencyP50Ms: null,
    latencyP95Ms: null,
    inFlight: null,
    retrying: null,
    healthReason: 'not running',
    serverInfo: null,
    protocolVersion: null,
    ...ofIsolation(NO_ISOLATION, spec),
    transitions: [],
    ...ofInventory(record, spec),
  };
}

function ofIsolation(
  { breaker, quarantine, maintenance, tools }: Isolation,
  { toolChanges: policy }: ServerSpec,
) {
  return {
    breaker,
    quarantine: quarantine ?? null,
    maintenance: maintenance ?? null,
    toolChanges: tools?.changes ?? [],
    blockedTools: policy === 'allow' ? [] : blockedTools(tools),
  };
}

function ofInventory(record: InventoryServer, spec: ServerSpec) {
  const origin = record.origin === 'cli' ? (record.broughtFrom ?? 'cli') : record.origin.file;
  const meta = { ...record.entry.meta, ...record.meta };
  return {
    ...shownEntry(record.entry),
    cwd: spec.process?.cwd ?? null,
    tags: spec.tags,
    meta,
    origin,
    program: programIn(spec),
  };
}

function programIn({ process }: ServerSpec): InstalledSummary | null {
  if (!process?.program) return null;
  const { source, pin } = process.program;
  return {
    method: source.method,
    name: sourceName(source),
    version: pin?.version ?? null,
    integrity: pin?.integrity ?? null,
  };
}
