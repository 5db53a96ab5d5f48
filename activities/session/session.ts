import { type ServerSpec } from '../../src/domain/spec';
import { type Semaphore } from '../../src/async/semaphore';
import { type Lease } from './lease';
import { type SessionIsolation } from '../server/session-isolation';
import { type SupervisedServer } from '../server/supervised-server';

/** State that the activities of one owned session share. */
export interface Session {
  readonly name: string;
  readonly generation: number;
  readonly epoch: number;
  /** Number of the replica; 0 is the first. */
  readonly replica: number;
  readonly server: SupervisedServer;
  readonly lease: Lease;
  readonly isolation: SessionIsolation;
  readonly room: Semaphore;
  /** The spec that the child runs with; a reload changes it. */
  spec: ServerSpec;
  /** Set once: from then on no call is sent, and queued ones fail (`stopping`) or go back to the queue. */
  ending: 'stopping' | 'idle' | 'draining' | 'fenced' | 'unfit' | 'failed' | undefined;
}
