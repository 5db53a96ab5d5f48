import { type ClientInternals, type MainspringClient } from '../client/internal';
import { type EndpointViews } from './endpoint/endpoint-view';
import { type LiveCalls } from './calls/live-calls';
import { type Usage } from './usage';

/** What operations work with. */
export interface GatewayDeps extends Pick<
  ClientInternals,
  'requests' | 'inputRequests' | 'sockets'
> {
  client: MainspringClient;
  catalogues: EndpointViews;
  live: LiveCalls;
  usage: Usage;
  /** Where what servers ask the clients of this process goes. */
  gatewayId: string;
}
