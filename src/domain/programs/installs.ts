import { type ErrorReport } from '../../base/errors';
import { type InstallMethod, type Program, type ProgramPin, type ProgramSource } from './programs';
import { type ValidationReport } from '../servers/validation';
import { type SignedSpec } from '../trust/signed-spec';

export const INSTALL_HEARTBEAT_INTERVAL_MS = 500;
/** Number of concurrent installations. */
export const DEFAULT_INSTALL_CONCURRENCY = 3;

/** Input of workflow `mcpInstall`. */
export interface InstallInput {
  name: string;
  /** Spec whose program is installed: exactly its pin, or what its source resolves to now. */
  signed: SignedSpec;
  /** Source in the inventory's entry: the installation is recorded only while it still is the same. */
  wish: ProgramSource;
  /** Whether to install it again although it is installed. */
  force: boolean;
  skipPrerequisites: boolean;
  /** Whether it waits for its turn on the host, because no concurrency was requested. */
  inTurn: boolean;
  /** Whether it replaces another version: the server is switched to it, and back when it fails there. */
  upgrade: boolean;
  /** Whether an upgrade validates the new version first, beside the old one. */
  validate: boolean;
  actor: string;
  correlationId?: string;
}

/** State of one installation, or its result. */
export interface InstallReport {
  server: string;
  method: InstallMethod;
  status: InstallStatus;
  /** Current work, or the reason for the result. */
  detail: string;
  version?: string;
  integrity?: string;
  /** Version before an upgrade. */
  oldVersion?: string;
  /** Packages whose install scripts were not run. */
  blockedScripts: string[];
  /** Host on which it ran, and the path of its log there. */
  host?: string;
  logFile?: string;
  /** Time since its own start, without the wait for others. */
  seconds?: number;
  error?: ErrorReport;
  validation?: ValidationReport;
}

export type InstallStatus =
  | 'waiting'
  | 'installing'
  | 'validating'
  | 'switching'
  | 'installed'
  /** Already installed. */
  | 'unchanged'
  | 'failed'
  | 'cancelled'
  /** Not attempted, because a dependency could not be installed. */
  | 'skipped';

/** Whether the installation has ended. */
export function hasEnded({ status }: InstallReport): boolean {
  return !['waiting', 'installing', 'validating', 'switching'].includes(status);
}

/** Whether the program is installed now. */
export function isInstalled({ status }: InstallReport): boolean {
  return status === 'installed' || status === 'unchanged';
}

/** Input of workflow `mcpInstallAll`. */
export interface InstallAllInput {
  items: InstallItem[];
  /** Number of concurrent installations. */
  concurrency: number;
}

export interface InstallItem {
  input: InstallInput;
  /** Names of other items that have to end first. */
  dependsOn: string[];
}

/** Input of activity `installProgram`. */
export interface InstallProgramInput {
  signed: SignedSpec;
  inTurn: boolean;
  force: boolean;
  skipPrerequisites: boolean;
}

/** Answer of activity `installProgram`. */
export interface ProgramInstalled {
  pin: ProgramPin;
  /** Text that `pin.lock` names, packed, for hosts with other data directories; absent when it is too large. */
  lock?: string | undefined;
  blockedScripts: string[];
  reused: boolean;
  host: string;
  logFile: string;
}

/** Heartbeat of activity `installProgram`. */
export interface InstallStep {
  step: string;
  host: string;
  logFile: string;
}

/** Input of activity `recordInstall`. */
export interface RecordInstallInput {
  name: string;
  wish: ProgramSource;
  /** Undefined removes the record of what was installed. */
  pin: ProgramPin | undefined;
  lock?: string | undefined;
}

/** Input of activity `pinSpec`. */
export interface PinSpecInput {
  signed: SignedSpec;
  pin: ProgramPin;
  lock?: string | undefined;
}

/** Answer of activity `recordInstall`. */
export interface InstallRecorded {
  /** Spec of the inventory with this pin; absent when the entry has changed meanwhile. */
  signed?: SignedSpec;
  previous?: ProgramPin;
}

/** Result that an install workflow reports to the entity of its server. */
export interface InstallEnded {
  /** Workflow ID of the installation. */
  id: string;
  /** Spec with what was installed; absent when it failed, or when the inventory has changed meanwhile. */
  signed?: SignedSpec;
  error?: ErrorReport;
}

/** Returns the ID of an installation. Two requests for the same thing are one: the signature stands for the whole spec. */
export function installWorkflowId({
  name,
  signed,
  force,
  upgrade,
}: Pick<InstallInput, 'name' | 'signed' | 'force' | 'upgrade'>): string {
  const what = signed.signature.slice(0, 12);
  return `mcp-install/${name}/${what}${force ? '-force' : ''}${upgrade ? '-upgrade' : ''}`;
}

export function programOfSpec({ spec }: SignedSpec): Program | undefined {
  return spec.process?.program;
}
