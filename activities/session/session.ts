import { type ServerSpec } from '../../src/domain/spec';
import { type Semaphore } from '../../src/async/semaphore';
import { type Lease } from './lease';
import { type SessionIsolation } from '../server/session-isolation';
import { type SupervisedServer } from '../server/supervised-server';

/** What the activities of one owned session share. */
export interface Session {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  /** 0 for the first. */
  readonly replica: number;
  readonly server: SupervisedServer;
  readonly lease: Lease;
  readonly isolation: SessionIsolation;
  readonly room: Semaphore;
  /** The spec that the child runs with; a reload changes it. */
  spec: ServerSpec;
  /** Set once: no call is sent any more, and queued ones fail (`stopping`) or go back to the queue. */
  ending: 'stopping' | 'idle' | 'draining' | 'fenced' | 'unfit' | 'failed' | undefined;
}
