import { type ServerSpec } from '../domain/spec';
import { type Finding } from './finding';
import { type Trial } from './trial';

/** One check of a server. An exception is a failure, with its message as the reason. */
export interface Check {
  /** Stable: scripts and test reports refer to it. */
  name: string;
  /** Returns how much of the spec's timeouts the check may use, in addition to its own limit. */
  extraMs?: (spec: ServerSpec) => number;
  run: (trial: Trial, signal: AbortSignal) => Promise<Finding>;
}
