import { type MainspringClient } from '../client/mainspring-client';
import { type EndpointViews } from './endpoint/endpoint-view';
import { type LiveCalls } from './calls/live-calls';
import { type Usage } from './usage';

/** What operations work with. */
export interface GatewayDeps {
  client: MainspringClient;
  catalogues: EndpointViews;
  live: LiveCalls;
  usage: Usage;
  /** Where what servers ask the clients of this process goes. */
  gatewayId: string;
}
