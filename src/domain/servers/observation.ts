import { type ServerSnapshot } from '../messages';
import { wasReleased, wasHandedBack } from '../hosts/placement';
import { type SessionHeartbeat } from '../entity/session';
import { type ServerState } from '../states';

/** Silence after which an owner is shown as RECOVERING although Temporal has not timed it out yet. */
export const HEARTBEAT_STALE_MS = 3_500;
/** Time after which a session that no host has taken is UNSCHEDULABLE. */
export const UNSCHEDULABLE_AFTER_MS = 10_000;

/** State of a session's `runServer` as Temporal itself knows it, without any worker. */
export interface SessionView {
  /** `queued`: no host has it; `owned`: a host has it. */
  phase: 'queued' | 'owned';
  attempt: number;
  queuedSinceMs?: number;
  lastHeartbeatAtMs?: number;
  heartbeat?: SessionHeartbeat;
  /** Reason why the previous attempt ended. */
  lastFailure?: string;
  /** Whether the owner's process is known to be gone, on this machine, before Temporal knows. */
  isOwnerGone?: boolean;
  /** Reason why no host has taken it; only known when it has waited for long. */
  unplaced?: string;
}

export interface Observation {
  state: ServerState;
  reason: string;
  /** Present only while the owner is heartbeating. */
  alive?: SessionHeartbeat;
}

/**
 * Returns the state to show: the entity's, unless Temporal knows that its owner is gone. RUNNING and a pid are shown
 * only for an owner that is heartbeating.
 */
export function observe(
  snapshot: ServerSnapshot,
  view: SessionView | undefined,
  nowMs: number,
): Observation {
  const { state, reason, ready } = snapshot;
  if (!view) return { state, reason };
  const silentMs = view.lastHeartbeatAtMs === undefined ? 0 : nowMs - view.lastHeartbeatAtMs;
  const isSilent = silentMs > HEARTBEAT_STALE_MS;
  // The first session may be down without the server being so.
  const others = snapshot.readySessions - (ready ? 1 : 0);
  const isDown = view.phase === 'queued' || view.isOwnerGone === true || isSilent;
  if (state === 'RUNNING' && others > 0 && isDown) {
    return { state, reason: `other sessions still ready: ${others}` };
  }
  if (view.phase === 'queued') return { ...queued(snapshot, view, nowMs) };
  const isUp = state === 'RUNNING' || state === 'BACKOFF';
  const host = view.heartbeat?.host ?? ready?.host ?? 'its host';
  if (view.isOwnerGone && isUp) {
    return { state: 'RECOVERING', reason: `the process of ${host} is gone` };
  }
  if (isSilent && isUp) {
    const seconds = (silentMs / 1000).toFixed(1);
    return { state: 'RECOVERING', reason: `no heartbeat from ${host} for ${seconds} s` };
  }
  // Temporal keeps the last heartbeat of the previous attempt until the new owner has sent one.
  const isOwners = view.heartbeat?.epoch === view.attempt;
  const isAlive = isOwners && !isSilent && !view.isOwnerGone;
  return { state, reason, alive: isAlive ? view.heartbeat : undefined };
}

/** Whether no host has taken a session for so long that the reason should be shown. */
export function isUnschedulable(view: SessionView, nowMs: number): boolean {
  return view.phase === 'queued' && waitedFor(view, nowMs) > UNSCHEDULABLE_AFTER_MS;
}

function waitedFor({ queuedSinceMs = Infinity }: SessionView, nowMs: number): number {
  return Math.max(0, nowMs - queuedSinceMs);
}

function queued(snapshot: ServerSnapshot, view: SessionView, nowMs: number): Observation {
  const { state, reason } = snapshot;
  if (state === 'STOPPING') return { state, reason };
  const waitedMs = waitedFor(view, nowMs);
  const isNew = view.attempt <= 1 || (state === 'STARTING' && wasHandedBack(view.lastFailure));
  const lost = lossText(view.lastFailure);
  if (isUnschedulable(view, nowMs)) {
    const seconds = Math.round(waitedMs / 1000);
    const why = view.unplaced
      ? `UNSCHEDULABLE: ${view.unplaced} (for ${seconds} s)`
      : `UNSCHEDULABLE: no host has accepted it for ${seconds} s`;
    return { state: isNew ? 'STARTING' : 'RECOVERING', reason: isNew ? why : `${why}; ${lost}` };
  }
  return isNew ? { state, reason } : { state: 'RECOVERING', reason: `${lost}, waiting for a host` };
}

function lossText(lastFailure: string | undefined): string {
  if (!lastFailure) return 'host lost';
  return wasReleased(lastFailure) ? lastFailure : `host lost (${lastFailure})`;
}
