import { type ErrorCode } from '../base/errors';
import { type ServerSpec } from '../domain/spec';
import { type UnmaskedValue } from '../inventory/references/judged-values';
import { type ProxySettings } from '../net/proxy';
import { type PackageTool } from '../programs/prerequisites';

/** What the probes have seen; `diagnose` decides what it means. */
export interface Facts {
  platform: PlatformFacts;
  /** Version of the Node.js that runs this. */
  node: string;
  npm: ToolFact;
  git: ToolFact;
  uv: ToolFact;
  python: PythonFact;
  docker: EngineFact;
  podman: EngineFact;
  /** Absent when the file system does not say. */
  disk?: DiskFact;
  home: HomeFact;
  temporal: TemporalFact;
  proxy: ProxyFact;
  /** That `up` would listen on, when it does not run. */
  ports: PortFact[];
  /** What is wrong with the inventory itself. */
  inventoryProblem?: string;
}

export interface ProxyFact {
  here: ProxySettings;
  /** Of the host that runs, which was started with an environment of its own. */
  host?: ProxySettings;
}

export interface PlatformFacts {
  os: NodeJS.Platform;
  arch: string;
  isRoot: boolean;
  /** What installs programs for the whole system. */
  packageTool?: PackageTool;
  /** What starts services. */
  services: 'systemd' | 'openrc' | 'none';
}

export type ToolFact =
  | { state: 'found'; file: string; version: string }
  | { state: 'absent' }
  /** It is there and does not work. */
  | { state: 'broken'; file: string; reason: string };

export type PythonFact =
  | {
      state: 'found';
      executable: string;
      version: string;
      /** Packages can be installed with it when there is no uv. */
      makesEnvironments: boolean;
      /** It has a pip, or can get one, to install uv with. */
      canInstallUv: boolean;
    }
  | Exclude<ToolFact, { state: 'found' }>;

export type EngineFact =
  | { state: 'absent' }
  | { state: 'running'; version: string }
  /** There is a client, and no engine that answers it. */
  | { state: 'stopped'; version: string; reason: string; hasDaemon: boolean };

export interface DiskFact {
  /** Where it was measured: the data directory, or what there is of the way to it. */
  folder: string;
  freeBytes: number;
}

export type HomeFact = { folder: string } & (
  | { state: 'usable' }
  | { state: 'absent'; canCreate: boolean }
  /** Mode as in `755`; `isOurs` when it is empty or has what a data directory has. */
  | { state: 'open'; mode: string; isOurs: boolean }
  | { state: 'foreign' | 'unwritable' | 'not-a-directory' }
);

export type TemporalFact =
  | { state: 'running'; address: string; pid?: number; isReachable: boolean }
  | { state: 'external'; address: string; problem?: string }
  | { state: 'executable'; source: 'variable' | 'path' | 'cache'; file: string; version: string }
  /** MAINSPRING_TEMPORAL_BIN, or the TEMPORAL_* variables, name something that does not work. */
  | { state: 'misconfigured'; problem: string }
  /** None yet; `up` makes one if it can. */
  | { state: 'absent'; go?: string; canDownload: boolean; reasons: string[] };

export interface PortFact {
  use: 'Temporal' | 'Temporal UI' | 'MCP endpoint';
  port: number;
  /** What `up` would take: another one when `port` is taken; absent when it cannot listen at all. */
  chosen?: number;
  /** For people, such as `node (pid 42)`; only where the system tells. */
  owner?: string;
}

/** A server of the inventory, with what only this machine knows. */
export interface ServerFacts {
  name: string;
  /** Absent when the entry cannot be used; `problem` says why. */
  spec?: ServerSpec;
  problem?: string;
  /** What keeps its command from being started. */
  commandProblem?: { code: ErrorCode; message: string; fix: string };
  /** The folder or bundle that its program is made of, when it is not there. */
  absentPath?: string;
  variables: VariableFact[];
  /** Files that `${file:…}` or `envFile` name and nobody can read. */
  unreadableFiles: { field: string; file: string }[];
  /** Its entry says that the command is left alone. */
  isAsIs?: boolean;
  /** Fields of its entry with a secret in plain text. */
  secretFields: string[];
  /** What it is given that is not masked; unknown as long as a variable or file is missing. */
  unmasked: UnmaskedValue[];
}

export interface VariableFact {
  name: string;
  field: string;
  state: ValueState;
  /** The value is written in the entry itself. */
  isLiteral: boolean;
  /** What the config says about it. */
  description?: string;
  /** Without it the server starts: a container client passes it on if it is set. */
  mayBeUnset?: boolean;
  /** Only one of us has it: the host that runs keeps the environment that it was started with. */
  onlyIn?: 'here' | 'host';
}

export type ValueState = 'set' | 'unset' | 'empty' | 'placeholder';
