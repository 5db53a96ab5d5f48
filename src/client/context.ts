import { type Client } from '@temporalio/client';
import { type Store } from '../store/store';

/** State that the parts of a client share. */
export interface ClientContext {
  home: string;
  /** Signs specs, with the authority of the data directory. */
  key: Buffer;
  client: Client;
  store: Store;
  /** Principal of the client: scopes idempotency keys and is recorded with every request. */
  principal: string;
}
