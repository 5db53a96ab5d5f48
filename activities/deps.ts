import { type Client } from '@temporalio/client';
import { type NativeConnection } from '@temporalio/worker';
import { type GroupRecords } from '../src/process/group-records';
import { type Guard } from '../src/process/guard';
import { type Programs } from '../src/programs/programs';
import { type CallWriter } from '../src/store/call-writer';
import { type HealthWriter } from '../src/store/health-writer';
import { type Store } from '../src/store/store';

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
  key: Buffer;
  /** Where `${VAR}` references are resolved. */
  env: NodeJS.ProcessEnv;
  namespace: string;
  connection: NativeConnection;
  client: Client;
  store: Store;
  callLog: CallWriter;
  healthLog: HealthWriter;
  guard: Guard;
  groups: GroupRecords;
  programs: Programs;
}
