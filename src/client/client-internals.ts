import { type InputRequests } from './calls/input-requests';
import { type Requests } from './calls/requests';
import { type HostSockets } from './host-sockets/host-sockets';
import { type Listings } from './listings/listings';

/** Parts of a client that are no public API: what a gateway works with for its own clients. */
export interface ClientInternals {
  /** Requests to servers besides tool calls: reading resources, getting prompts, completing arguments. */
  requests: Requests;
  /** Input requests of servers to the clients of calls that are under way. */
  inputRequests: InputRequests;
  /** Lists of all servers, and their changes. */
  listings: Listings;
  /** Notifications of servers, and direct calls. */
  sockets: HostSockets;
}
