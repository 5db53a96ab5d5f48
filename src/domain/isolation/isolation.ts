import { type ErrorClass } from '../calls/error-class';
import { type Owner } from '../entity/owner';

/** Refuses calls for a while after failures in a row; opens per server. */
export interface BreakerPolicy {
  /** Failed calls in a row that open it; 0 never. */
  failures: number;
  /** How long it refuses before it lets one call try. */
  openMs: number;
  /** Calls in a row that have to succeed then, to close it. */
  successes: number;
}

export interface Breaker {
  state: 'closed' | 'open' | 'half-open';
  /** In a row. */
  failures: number;
  /** Since it is half-open. */
  successes: number;
  /** When it will let a call try; absent when an operator opened it, until an operator closes it. */
  openUntilMs?: number;
  reason?: string;
  lastError?: ErrorClass;
}

/** Isolates a server after errors in a row: failed health rounds, and openings of its circuit breaker. */
export interface QuarantinePolicy {
  /** Errors in a row; 0 never. */
  errors: number;
  /** The first quarantine; each further one takes twice as long, until a success. */
  initialMs: number;
  maxMs: number;
}

export interface Quarantine {
  /** `errors` ends when a probe passes after `untilMs`; `tools` by approval; `operator` by release, or at `untilMs`. */
  cause: 'errors' | 'tools' | 'operator';
  reason: string;
  sinceMs: number;
  untilMs?: number;
}

/** What happens when a tool's definition is not the one that was approved. */
export type ToolChangePolicy = 'quarantine-tool' | 'quarantine-server' | 'allow';

/** How the listed tools differ from the approved ones. */
export interface ToolChange {
  tool: string;
  change: 'changed' | 'added' | 'removed';
}

export interface ApprovedTools {
  /** Of the catalogue that counts as approved: the first one, or what an operator approved. */
  hash: string;
  /** Of the catalogue that the server lists now, when it differs. */
  foundHash?: string;
  changes: ToolChange[];
}

export interface Maintenance {
  reason: string;
  sinceMs: number;
  /** What calls do meanwhile. */
  calls: 'wait' | 'refuse';
}

/**
 * What keeps calls from a server although it may run. The entity keeps it, so that it survives the restart of everything, and
 * brings it to the owners of its sessions whenever `version` has changed.
 */
export interface Isolation {
  /** Goes up with every change that owners must hear of. */
  version: number;
  breaker: Breaker;
  quarantine?: Quarantine;
  /** How often in a row it was quarantined for errors; sets the length of the next. */
  quarantines: number;
  maintenance?: Maintenance;
  tools?: ApprovedTools;
}

/** What an owner has found out about its server; the entity decides what follows. */
export type SessionFinding = Owner &
  (
    | { about: 'breaker'; breaker: Breaker }
    /** So many errors in a row that the policy wants a quarantine. */
    | { about: 'errors'; reason: string }
    /** The probe at the end of a quarantine. */
    | { about: 'probe'; passed: boolean; reason: string }
    /** The first success since the last quarantine: the next one is short again. */
    | { about: 'success' }
    /** What it lists differs from what was approved; or does so no more. */
    | { about: 'tools'; foundHash: string; changes: ToolChange[] }
    /** Nobody has called an on-demand server for its idle timeout. */
    | { about: 'idle' }
    /** Something about it that people should know, and that changes nothing. */
    | { about: 'remark'; reason: string }
  );

/** Argument of the updates `breaker`, `quarantine`, `release`, `maintenance` and `approve`. */
export type IsolationOrder =
  | { order: 'breaker'; to: 'open' | 'close' | 'reset' }
  /** Without `forMs` until it is released. */
  | { order: 'quarantine'; forMs?: number; reason?: string }
  | { order: 'release' }
  | { order: 'maintenance'; on: boolean; reason?: string }
  /** The tools of this catalogue count as approved from now on. */
  | { order: 'approve'; toolsHash: string };

export const CLOSED: Breaker = { state: 'closed', failures: 0, successes: 0 };

export const NO_ISOLATION: Isolation = { version: 0, breaker: CLOSED, quarantines: 0 };

export const DEFAULT_BREAKER: BreakerPolicy = { failures: 5, openMs: 60_000, successes: 2 };

export const DEFAULT_QUARANTINE: QuarantinePolicy = {
  errors: 5,
  initialMs: 30_000,
  maxMs: 30 * 60_000,
};
