import { type Client } from '@temporalio/client';
import { type NativeConnection } from '@temporalio/worker';
import { type Logger } from 'pino';
import { type HealthResult } from '../src/domain/health/health';
import { type GroupRecords } from '../src/process/group-records';
import { type Guard } from '../src/process/guard';
import { type SentJournal } from '../src/process/sent-journal';
import { type Programs } from '../src/programs/programs';
import { type CallWriter } from '../src/store/call-writer';
import { type Store } from '../src/store/store';
import { type OwnedSessions } from './session/owned-sessions';
import { type AwaitedCalls } from './calls/awaited-calls';
import { type NotificationHub } from './host/server-notifications';
import { type Limiter } from '../src/async/limiter';
import { type Rounds } from '../src/async/rounds';

/** Writer for results that are for looking only: it resolves when one is stored, or when it is lost. */
type HealthLog = (result: HealthResult) => Promise<void>;

/** Dependencies of the activities of the control worker. */
export interface ControlDeps {
  home: string;
  key: Buffer;
  client: Client;
  store: Store;
}

/** Dependencies of the activities of a host. */
export interface HostDeps {
  home: string;
  hostId: string;
  /** Identity of this process among all that ever had the id: Temporal knows its workers by it. */
  identity: string;
  /** Time for calls in flight when the host gives up its servers, beyond their own grace. */
  leaving: { graceMs: number };
  key: Buffer;
  /** Environment in which `${VAR}` references are resolved. */
  env: NodeJS.ProcessEnv;
  namespace: string;
  connection: NativeConnection;
  /** Opens another connection: one takes only one worker of a queue, and replicas share theirs. The caller closes it. */
  connect(): Promise<NativeConnection>;
  client: Client;
  store: Store;
  /** Never rejects. */
  callLog: CallWriter;
  healthLog: HealthLog;
  sent: SentJournal;
  guard: Guard;
  groups: GroupRecords;
  programs: Programs;
  /** Limits the servers that start at once; restarts go first. */
  starts: Limiter;
  sessions: OwnedSessions;
  /** Rounds in which the sessions of this host send their heartbeats. */
  heartbeatRounds: Rounds;
  /** Rounds in which the memory of their processes is measured: one look at all processes serves them all. */
  memoryRounds: Rounds;
  notices: NotificationHub;
  awaited: AwaitedCalls;
  logger: Logger;
}
