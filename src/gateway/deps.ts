import { type MainspringClient } from '../client/mainspring-client';
import { type Catalogues } from './catalogue';
import { type LiveCalls } from './live-calls';

/** What operations work with. */
export interface GatewayDeps {
  client: MainspringClient;
  catalogues: Catalogues;
  live: LiveCalls;
  /** Where what servers ask the clients of this process goes. */
  gatewayId: string;
}
