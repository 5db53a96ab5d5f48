import { type ErrorReport } from '../../base/errors';
import { type InstallMethod, type Program, type ProgramPin, type ProgramSource } from './programs';
import { type ValidationReport } from '../servers/validation';
import { type SignedSpec } from '../trust/signed-spec';

export const INSTALL_HEARTBEAT_INTERVAL_MS = 500;
/** Installations at once. */
export const DEFAULT_INSTALL_CONCURRENCY = 3;

/** Input of workflow `mcpInstall`. */
export interface InstallInput {
  name: string;
  /** Its program is installed: exactly its pin, or what its source means now. */
  signed: SignedSpec;
  /** What the inventory's entry says: what is installed is recorded only while it still says so. */
  wish: ProgramSource;
  /** Install it again although it is there. */
  force: boolean;
  skipPrerequisites: boolean;
  /** Nobody has said how many at once: it waits for its turn on the host. */
  inTurn: boolean;
  /** What is installed takes the place of another version: the server is switched to it, and back when it fails there. */
  upgrade: boolean;
  /** Of an upgrade: the new version is validated first, beside the old one. */
  validate: boolean;
  actor: string;
  correlationId?: string;
}

/** How one installation stands, or has ended. */
export interface InstallReport {
  server: string;
  method: InstallMethod;
  status: InstallStatus;
  /** What is being done, or why it ended like this. */
  detail: string;
  version?: string;
  integrity?: string;
  /** Of an upgrade. */
  oldVersion?: string;
  /** Packages whose install scripts were not run. */
  blockedScripts: string[];
  /** Where it ran, and where its log is there. */
  host?: string;
  logFile?: string;
  /** From its own start, without the wait for others. */
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
  /** It was there already. */
  | 'unchanged'
  | 'failed'
  | 'cancelled'
  /** What it depends on could not be installed. */
  | 'skipped';

/** Whether this is the end. */
export function hasEnded({ status }: InstallReport): boolean {
  return !['waiting', 'installing', 'validating', 'switching'].includes(status);
}

/** Whether the program is there now. */
export function isInstalled({ status }: InstallReport): boolean {
  return status === 'installed' || status === 'unchanged';
}

/** Input of workflow `mcpInstallAll`. */
export interface InstallAllInput {
  items: InstallItem[];
  /** Installations at once. */
  concurrency: number;
}

export interface InstallItem {
  input: InstallInput;
  /** Names of other items that come first. */
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
  /** The text that `pin.lock` names, packed, for hosts with other data directories; absent when it is too large. */
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
  /** Undefined forgets what was installed. */
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
  /** The spec of the inventory with this pin; absent when the entry says something else by now. */
  signed?: SignedSpec;
  previous?: ProgramPin;
}

/** What an install workflow tells the entity of its server in the end. */
export interface InstallEnded {
  /** Workflow id of the installation. */
  id: string;
  /** The spec with what was installed; absent when it failed, or when the inventory says something else by now. */
  signed?: SignedSpec;
  error?: ErrorReport;
}

/** Two requests for the same thing are one: the signature stands for the whole spec. */
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
