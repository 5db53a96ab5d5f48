import { type ErrorClass } from '../calls/error-class';
import { type Owner } from '../entity/owner';

/** Policy of the circuit breaker of a server, which refuses calls for a while after consecutive failures. */
export interface BreakerPolicy {
  /** Consecutive failed calls that open it; 0 never. */
  failures: number;
  /** Time for which it refuses calls before it admits a trial call. */
  openMs: number;
  /** Consecutive calls that have to succeed then, to close it. */
  successes: number;
}

export interface Breaker {
  state: 'closed' | 'open' | 'half-open';
  /** Consecutive failed calls. */
  failures: number;
  /** Successful calls since it is half-open. */
  successes: number;
  /** Time at which it admits a trial call, in ms; absent when an operator opened it, until an operator closes it. */
  openUntilMs?: number;
  reason?: string;
  lastError?: ErrorClass;
}

/** Policy that isolates a server after consecutive errors: failed health rounds, and openings of its circuit breaker. */
export interface QuarantinePolicy {
  /** Consecutive errors; 0 never. */
  errors: number;
  /** Length of the first quarantine; each further one takes twice as long, until a success. */
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

/** Policy for a tool whose definition is not the approved one. */
export type ToolChangePolicy = 'quarantine-tool' | 'quarantine-server' | 'allow';

/** Difference between a listed tool and the approved one. */
export interface ToolChange {
  tool: string;
  change: 'changed' | 'added' | 'removed';
}

export interface ApprovedTools {
  /** Hash of the catalogue that counts as approved: the first one, or the one that an operator approved. */
  hash: string;
  /** Hash of the catalogue that the server lists now, when it differs. */
  foundHash?: string;
  changes: ToolChange[];
}

export interface Maintenance {
  reason: string;
  sinceMs: number;
  /** Handling of calls meanwhile. */
  calls: 'wait' | 'refuse';
}

/**
 * State that keeps calls from a server although it may run. The entity keeps it, so that it survives any restart, and
 * sends it to the owners of its sessions whenever `version` has changed.
 */
export interface Isolation {
  /** Increases with every change that owners must be notified of. */
  version: number;
  breaker: Breaker;
  quarantine?: Quarantine;
  /** Consecutive quarantines for errors; sets the length of the next. */
  quarantines: number;
  maintenance?: Maintenance;
  tools?: ApprovedTools;
}

/** Finding of an owner about its server; the entity decides what follows. */
export type SessionFinding = Owner &
  (
    | { about: 'breaker'; breaker: Breaker }
    /** Reports as many consecutive errors as the policy requires for a quarantine. */
    | { about: 'errors'; reason: string }
    /** Reports the probe at the end of a quarantine. */
    | { about: 'probe'; passed: boolean; reason: string }
    /** Reports the first success since the last quarantine: the next one is short again. */
    | { about: 'success' }
    /** Reports that the listed tools differ from the approved ones, or no longer do. */
    | { about: 'tools'; foundHash: string; changes: ToolChange[] }
    /** Reports that an on-demand server had no call for its idle timeout. */
    | { about: 'idle' }
    /** Reports a fact for people that changes nothing. */
    | { about: 'remark'; reason: string }
  );

/** Argument of the updates `breaker`, `quarantine`, `release`, `maintenance` and `approve`. */
export type IsolationOrder =
  | { order: 'breaker'; to: 'open' | 'close' | 'reset' }
  /** Quarantines for `forMs`, or until it is released. */
  | { order: 'quarantine'; forMs?: number; reason?: string }
  | { order: 'release' }
  | { order: 'maintenance'; on: boolean; reason?: string }
  /** Approves the tools of this catalogue. */
  | { order: 'approve'; toolsHash: string };

export const CLOSED: Breaker = { state: 'closed', failures: 0, successes: 0 };

export const NO_ISOLATION: Isolation = { version: 0, breaker: CLOSED, quarantines: 0 };

export const DEFAULT_BREAKER: BreakerPolicy = { failures: 5, openMs: 60_000, successes: 2 };

export const DEFAULT_QUARANTINE: QuarantinePolicy = {
  errors: 5,
  initialMs: 30_000,
  maxMs: 30 * 60_000,
};
