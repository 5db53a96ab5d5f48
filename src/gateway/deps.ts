import { type ClientInternals, type MainspringClient } from '../client/internal';
import { type EndpointViews } from './endpoint/endpoint-view';
import { type WaitingRequests } from './calls/waiting-requests';
import { type Usage } from './usage';

/** Dependencies of the operations. */
export interface GatewayDeps extends Pick<
  ClientInternals,
  'requests' | 'inputRequests' | 'sockets'
> {
  client: MainspringClient;
  catalogues: EndpointViews;
  live: WaitingRequests;
  usage: Usage;
  /** Address for servers' input requests to the clients of this process. */
  gatewayId: string;
}
