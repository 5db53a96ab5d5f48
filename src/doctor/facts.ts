import { type ErrorCode } from '../base/errors';
import { type ServerSpec } from '../domain/spec';
import { type UnmaskedValue } from '../inventory/references/judged-values';
import { type ProxySettings } from '../net/proxy';
import { type PackageTool } from '../programs/prerequisites';

/** Results of the probes; `diagnose` decides what they mean. */
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
  /** Absent when the file system does not report it. */
  disk?: DiskFact;
  home: HomeFact;
  temporal: TemporalFact;
  proxy: ProxyFact;
  /** Ports that `up` would listen on; empty when it is already running. */
  ports: PortFact[];
  /** Error of an inventory that cannot be used. */
  inventoryProblem?: string;
}

export interface ProxyFact {
  here: ProxySettings;
  /** Settings of the running host, which keeps the environment that it was started with. */
  host?: ProxySettings;
}

export interface PlatformFacts {
  os: NodeJS.Platform;
  arch: string;
  isRoot: boolean;
  /** Package manager of the system. */
  packageTool?: PackageTool;
  /** Service manager of the system. */
  services: 'systemd' | 'openrc' | 'none';
}

export type ToolFact =
  | { state: 'found'; file: string; version: string }
  | { state: 'absent' }
  /** The tool exists but does not work. */
  | { state: 'broken'; file: string; reason: string };

export type PythonFact =
  | {
      state: 'found';
      executable: string;
      version: string;
      /** Whether packages can be installed with it when there is no uv. */
      makesEnvironments: boolean;
      /** Whether it has pip, or can get it, to install uv with. */
      canInstallUv: boolean;
    }
  | Exclude<ToolFact, { state: 'found' }>;

export type EngineFact =
  | { state: 'absent' }
  | { state: 'running'; version: string }
  /** The client is installed, but no engine responds. */
  | { state: 'stopped'; version: string; reason: string; hasDaemon: boolean };

export interface DiskFact {
  /** Folder that was measured: the data directory, or its nearest existing parent. */
  folder: string;
  freeBytes: number;
}

export type HomeFact = { folder: string } & (
  | { state: 'usable' }
  | { state: 'absent'; canCreate: boolean }
  /** Mode such as `755`. `isOurs`: the folder is empty or has the files of a data directory. */
  | { state: 'open'; mode: string; isOurs: boolean }
  | { state: 'foreign' | 'unwritable' | 'not-a-directory' }
);

export type TemporalFact =
  | { state: 'running'; address: string; pid?: number; isReachable: boolean }
  | { state: 'external'; address: string; problem?: string }
  | {
      state: 'executable';
      source: 'variable' | 'path' | 'package' | 'cache';
      file: string;
      version: string;
    }
  /** MAINSPRING_TEMPORAL_BIN or the TEMPORAL_* variables name something that does not work. */
  | { state: 'misconfigured'; problem: string }
  /** None is installed yet; `up` installs one if it can. */
  | { state: 'absent'; go?: string; canDownload: boolean; reasons: string[] };

export interface PortFact {
  use: 'Temporal' | 'Temporal UI' | 'MCP endpoint';
  port: number;
  /** Port that `up` would use: another one when `port` is taken. Absent when it cannot listen at all. */
  chosen?: number;
  /** Text for people, such as `node (pid 42)`; only where the system reports it. */
  owner?: string;
}

/** A server of the inventory, with the facts that only this machine can provide. */
export interface ServerFacts {
  name: string;
  /** Absent when the entry is invalid; `problem` explains why. */
  spec?: ServerSpec;
  problem?: string;
  /** Error that prevents its command from being started. */
  commandProblem?: { code: ErrorCode; message: string; fix: string };
  /** Folder or bundle of its program, when it does not exist. */
  absentPath?: string;
  variables: VariableFact[];
  /** Files that `${file:…}` or `envFile` name and that cannot be read. */
  unreadableFiles: { field: string; file: string }[];
  /** Whether its entry leaves the command unchanged (`asIs`). */
  isAsIs?: boolean;
  /** Fields of its entry that hold a secret in plain text. */
  secretFields: string[];
  /** Values it receives that are not masked; unknown while a variable or file is missing. */
  unmasked: UnmaskedValue[];
}

export interface VariableFact {
  name: string;
  field: string;
  state: ValueState;
  /** Whether the value is written in the entry itself. */
  isLiteral: boolean;
  /** Description from the config. */
  description?: string;
  /** Whether the server starts without it: a container client passes the variable on if it is set. */
  mayBeUnset?: boolean;
  /** Set in one environment only: the running host keeps the environment that it was started with. */
  onlyIn?: 'here' | 'host';
}

export type ValueState = 'set' | 'unset' | 'empty' | 'placeholder';
