import { type ClientContext } from '../context';
import { type OnDemandServers } from '../servers/on-demand';
import { type Snapshots } from '../servers/snapshots';

/** State that everything shares which makes or finds calls. */
export interface CallContext extends ClientContext {
  snapshots: Snapshots;
  onDemand: OnDemandServers;
}
