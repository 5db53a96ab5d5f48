import { type ClientContext } from '../context';
import { type OnDemandServers } from '../servers/on-demand';
import { type Snapshots } from '../servers/snapshots';

/** What everything that makes or finds calls works with. */
export interface CallContext extends ClientContext {
  snapshots: Snapshots;
  onDemand: OnDemandServers;
}
