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

  /** Returns the snapshot of a server that is about to be called. One that was never called has no entity yet: it starts now. */
  async known(server: string): Promise<ServerSnapshot> {
    const known = this.snapshots.known(server);
    if (known) return known;
    return (await this.#found(server, this.snapshots.fetch(server))) ?? this.#woken(server);
  }

  /** The same server as it is now that something is put into its queue; one that is asleep starts. */
  async awake(snapshot: ServerSnapshot): Promise<ServerSnapshot> {
    const { name, signed } = snapshot;
    // Old knowledge of a server that goes to sleep would cost its call half a second.
    const isOnDemand = signed.spec.activation === 'on-demand';
    const now = isOnDemand ? await this.#found(name, this.snapshots.recent(name)) : snapshot;
    return now && !isAsleep(now) ? now : this.#woken(name);
  }

  /** Starts a server if it is asleep. Its entity decides: one that was stopped stays stopped. */
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

  /** Undefined for an on-demand server without an entity. */
  async #found(
    server: string,
    looking: Promise<ServerSnapshot>,
  ): Promise<ServerSnapshot | undefined> {
    try {
      return await looking;
    } catch (error) {
      const isUnknown = error instanceof MainspringError && error.code === 'UNKNOWN_SERVER';
      if (isUnknown && (await this.isOnDemand(server))) return undefined;
      throw error;
    }
  }

  async #woken(server: string): Promise<ServerSnapshot> {
    await this.wake(server);
    return this.snapshots.fetch(server);
  }

  async #onDemand(server: string): Promise<InventoryServer | undefined> {
    const { servers } = await readInventory(this.context.home);
    const record = servers[server];
    return record && specOf(server, record).activation === 'on-demand' ? record : undefined;
  }
}
