import { type Client } from '@temporalio/client';
import { type NativeConnection } from '@temporalio/worker';
import { type Logger } from 'pino';
import { type CallRecord } from '../src/domain/calls/calls';
import { type HealthResult } from '../src/domain/health/health';
import { type GroupRecords } from '../src/process/group-records';
import { type Guard } from '../src/process/guard';
import { type SentJournal } from '../src/process/sent-journal';
import { type Programs } from '../src/programs/programs';
import { type Store } from '../src/store/store';
import { type OwnedSessions } from './session/owned-sessions';
import { type NotificationHub } from './host/server-notifications';
import { type Limiter } from '../src/async/limiter';

/** Writers for records that are for looking only: they resolve when a record is stored, or when it is lost. */
type CallLog = { write(record: CallRecord): Promise<void> };
type HealthLog = (result: HealthResult) => Promise<void>;

/** What the activities of the control worker work with. */
export interface ControlDeps {
  home: string;
  key: Buffer;
  client: Client;
  store: Store;
}

/** What the activities of a host work with. */
export interface HostDeps {
  home: string;
  hostId: string;
  /** Of this process among all that ever had the id: what Temporal knows its workers by. */
  identity: string;
  /** How long calls in flight may take when the host gives its servers up, beyond their own grace. */
  leaving: { graceMs: number };
  key: Buffer;
  /** Where `${VAR}` references are resolved. */
  env: NodeJS.ProcessEnv;
  namespace: string;
  connection: NativeConnection;
  /** Another connection: one takes only one worker of a queue, and replicas share theirs. Whoever asks closes it. */
  connect(): Promise<NativeConnection>;
  client: Client;
  store: Store;
  /** Never rejects. */
  callLog: CallLog;
  healthLog: HealthLog;
  sent: SentJournal;
  guard: Guard;
  groups: GroupRecords;
  programs: Programs;
  /** Starts of servers: so many at once, restarts first. */
  starts: Limiter;
  sessions: OwnedSessions;
  notices: NotificationHub;
  logger: Logger;
}
