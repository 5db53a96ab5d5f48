import { type MainspringClient } from '../client/mainspring-client';
import { type Store } from '../store/store';
import { type Catalogues } from './catalogue';
import { type LiveCalls } from './live-calls';

/** What the parts of a gateway work with. */
export interface GatewayDeps {
  client: MainspringClient;
  catalogues: Catalogues;
  live: LiveCalls;
  store: Store;
  /** The data directory's: seals what clients carry for us. */
  key: Buffer;
  /** Where what servers ask the clients of this process goes. */
  gatewayId: string;
}
