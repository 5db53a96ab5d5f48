import { type ErrorReport } from '../../base/errors';
import { type ServerEvent } from '../events';
import {
  type Breaker,
  type Maintenance,
  type Quarantine,
  type ToolChange,
} from '../isolation/isolation';
import { type InstallMethod } from '../programs/programs';
import { type ServerType } from '../spec';
import { type Health, type ServerCommand, type ServerState } from '../states';
import { type Json } from '../../base/json';

/** Entry of `list`. The members and their names are a contract. */
export interface ServerSummary {
  name: string;
  type: ServerType;
  state: ServerState;
  health: Health;
  enabled: boolean;
  generation: number;
  host: string | null;
  pid: number | null;
  uptimeMs: number | null;
  latencyMs: number | null;
  tools: number | null;
  reason: string;
  breaker: Breaker;
  /** Tools that are not called until their current definition is approved. */
  blockedTools: string[];
}

/** Output of `status <name>`. */
export interface ServerStatus extends ServerSummary {
  error: ErrorReport | null;
  /** Commands that the server accepts now. */
  possible: ServerCommand[];
  sinceMs: number;
  restarts: number;
  /** Sessions that share its queue, and how many of them are ready. */
  replicas: { wanted: number; ready: number };
  epoch: number | null;
  rssBytes: number | null;
  cpuSeconds: number | null;
  /** Share of one core. */
  cpuPercent: number | null;
  threads: number | null;
  /** Latency of the last rounds of health checks. */
  latencyP50Ms: number | null;
  latencyP95Ms: number | null;
  inFlight: number | null;
  /** Calls that are being retried. */
  retrying: number | null;
  healthReason: string;
  serverInfo: { name: string; version: string } | null;
  protocolVersion: string | null;
  /** Command as its entry has it; literal secrets are hidden. */
  command: string | null;
  args: string[];
  url: string | null;
  cwd: string | null;
  tags: string[];
  meta: Record<string, Json>;
  origin: string;
  /** Program that Mainspring installed for it; null when its command is run as it is. */
  program: InstalledSummary | null;
  quarantine: Quarantine | null;
  maintenance: Maintenance | null;
  /** Differences between its tools and the approved ones. */
  toolChanges: ToolChange[];
  transitions: ServerEvent[];
}

export interface InstalledSummary {
  method: InstallMethod;
  /** Name of the package, image, project or bundle. */
  name: string;
  /** Null until it is installed. */
  version: string | null;
  integrity: string | null;
}
