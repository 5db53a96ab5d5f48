import { type InputRequests } from './calls/input-requests';
import { type Requests } from './calls/requests';
import { type HostSockets } from './host-sockets/host-sockets';
import { type Listings } from './listings/listings';

/** Parts of a client that are no public API: what a gateway works with for its own clients. */
export interface ClientInternals {
  /** What is asked of servers beside tool calls: reading resources, getting prompts, completing arguments. */
  requests: Requests;
  /** What servers ask the clients of calls that are under way. */
  inputRequests: InputRequests;
  /** What all servers list, and when that changes. */
  listings: Listings;
  /** What servers say without being asked, and direct calls. */
  sockets: HostSockets;
}
