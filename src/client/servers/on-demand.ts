import { MainspringError } from '../../base/errors';
import { type ServerSnapshot } from '../../domain/messages';
import { type InventoryServer, readInventory } from '../../inventory/inventory';
import { specOf } from '../../inventory/normalise';
import { type ClientContext } from '../context';
import { type Entities } from './entities';
import { type Snapshots } from './snapshots';

/** Whether the next call of a server starts it. */
export function isAsleep({ wakes, desired }: ServerSnapshot): boolean {
  return wakes && desired === 'stopped';
}

/** Starts on-demand servers when they are called. */
export class OnDemandServers {
  constructor(
    private readonly context: ClientContext,
    private readonly snapshots: Snapshots,
    private readonly entities: Entities,
  ) {}

  /** What is known of a server that is about to be called; one that is asleep starts now. */
  async awake(server: string): Promise<ServerSnapshot> {
    const snapshot = await this.#known(server);
    if (snapshot && !isAsleep(snapshot)) return snapshot;
    await this.wake(server);
    return this.snapshots.fetch(server);
  }

  /** Starts a server if it is asleep. Its entity decides: one that somebody has stopped stays so. */
  async wake(server: string): Promise<void> {
    const record = await this.#onDemand(server);
    if (record) await this.entities.wake(server, record);
  }

  /** Starts an on-demand server and waits for it; undefined for any other. */
  async start(server: string): Promise<ServerSnapshot | undefined> {
    const record = await this.#onDemand(server);
    return record && this.entities.command(server, record, 'startUpdate');
  }

  async isOnDemand(server: string): Promise<boolean> {
    return (await this.#onDemand(server)) !== undefined;
  }

  async #known(server: string): Promise<ServerSnapshot | undefined> {
    try {
      const snapshot = await this.snapshots.get(server);
      const { activation } = snapshot.signed.spec;
      // Old knowledge of a server that goes to sleep would cost its call half a second.
      return activation === 'on-demand' ? await this.snapshots.recent(server) : snapshot;
    } catch (error) {
      const isUnknown = error instanceof MainspringError && error.code === 'UNKNOWN_SERVER';
      // One that was never called has no entity yet.
      if (isUnknown && (await this.isOnDemand(server))) return undefined;
      throw error;
    }
  }

  async #onDemand(server: string): Promise<InventoryServer | undefined> {
    const { servers } = await readInventory(this.context.home);
    const record = servers[server];
    return record && specOf(server, record).activation === 'on-demand' ? record : undefined;
  }
}
