import { type MainspringClient } from '../client/mainspring-client';
import { type EndpointViews } from './endpoint/endpoint-view';
import { type LiveCalls } from './calls/live-calls';
import { type Usage } from './usage';

/** Dependencies of the operations. */
export interface GatewayDeps {
  client: MainspringClient;
  catalogues: EndpointViews;
  live: LiveCalls;
  usage: Usage;
  /** Address for servers' input requests to the clients of this process. */
  gatewayId: string;
}
