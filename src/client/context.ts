import { type Client } from '@temporalio/client';
import { type Store } from '../store/store';

/** What the parts of a client share. */
export interface ClientContext {
  home: string;
  /** Signs specs: has the authority of the data directory. */
  key: Buffer;
  client: Client;
  store: Store;
  /** Who calls: scopes idempotency keys and is recorded with everything that is asked for. */
  principal: string;
}
