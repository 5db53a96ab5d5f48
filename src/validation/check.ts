import { type ServerSpec } from '../domain/spec';
import { type Finding } from './finding';
import { type Trial } from './trial';

/** One question to a server. What it throws is a failure with that reason. */
export interface Check {
  /** Stable: scripts and test reports refer to it. */
  name: string;
  /** Timeouts of the spec that it may use up. */
  extraMs?: (spec: ServerSpec) => number;
  run: (trial: Trial, signal: AbortSignal) => Promise<Finding>;
}
