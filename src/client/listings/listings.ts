import { canonicalJson } from '../../base/canonical-json';
import {
  approvedHashOf,
  listingOf,
  type OfferedTools,
  type ServerListing,
} from '../../domain/endpoint/server-listing';
import { type ServerSnapshot } from '../../domain/messages';
import { type ServerCatalogue } from '../../domain/catalogue/server-catalogue';
import { type ToolCatalogue } from '../../domain/catalogue/tools';
import { type Inventory, type Profile } from '../../inventory/inventory';
import { KeyedQueue } from '../../async/keyed-queue';
import { ListingChanges, type ListingChange } from './listing-changes';
import { type ListHead, type ListSource } from './list-source';

/** Age after which the lists are read again, in ms, when somebody needs them or waits for changes. */
const LISTINGS_SNAPSHOT_INTERVAL_MS = 1_000;
/** Longest time until a change of the inventory shows in lists, in ms; every request checks it. */
export const LISTINGS_CHECK_INTERVAL_MS = 20;
/** Interval at which all entities are queried again, in ms, even when no event announces a change. */
const LISTINGS_SWEEP_INTERVAL_MS = 60_000;
/** Longest wait of the very first list for the entities, which decide whether servers may be shown, in ms. */
const LISTINGS_FIRST_CHECK_MS = 2_000;
const LISTINGS_QUERIED_AT_ONCE = 16;
/** Changes of lists within this time are reported together. */
const LISTINGS_DEBOUNCE_MS = 100;

export { type ListingChange };

/** Lists of all servers at one time. */
export interface ListingsState {
  /** Servers by name; the same array as long as nothing in it has changed. */
  servers: readonly ServerListing[];
  profiles: Readonly<Record<string, Profile>>;
}

interface CachedListing {
  enabled: boolean;
  offered?: OfferedTools;
  snapshot?: ServerSnapshot | undefined;
  /** Whether the entity, or that there is none, is known. */
  isEntityKnown: boolean;
  listed?: ToolCatalogue | undefined;
  approved?: ToolCatalogue | undefined;
  offer?: ServerCatalogue | undefined;
  listing?: ServerListing;
}

/**
 * Lists of servers, from what is stored. They are always available at once: entities are queried in the background, so
 * that one that does not answer delays nobody, and after the first time the known lists are returned while newer ones
 * are read.
 */
export class Listings {
  readonly #cached = new Map<string, CachedListing>();
  readonly #changes = new ListingChanges(LISTINGS_DEBOUNCE_MS);
  readonly #questions = new KeyedQueue(LISTINGS_QUERIED_AT_ONCE, (server) =>
    this.#queryEntity(server),
  );
  #state: ListingsState | undefined;
  #inventory: Inventory | undefined;
  #position: number | undefined;
  #round: Promise<void> | undefined;
  #first: Promise<void> | undefined;
  #isReady = false;
  #checkedAtMs = -Infinity;
  #readAtMs = -Infinity;
  #sweptAtMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly source: ListSource) {}

  /** @throws MainspringError INVENTORY_CORRUPT, STORE_FAILED; only while nothing is known yet */
  async current(): Promise<ListingsState> {
    if (!this.#isReady) {
      await (this.#first ??= this.#firstRound().finally(() => (this.#first = undefined)));
    } else if (this.#isCheckDue() && (await this.#isInventoryNew())) {
      await this.#refresh().catch(() => undefined); // the known lists are accurate enough
    } else if (performance.now() - this.#readAtMs > LISTINGS_SNAPSHOT_INTERVAL_MS) {
      void this.#refresh().catch(() => undefined); // the next round tries again
    }
    return (this.#state ??= this.#stateNow());
  }

  /** Checks a server now: its lists are said to have changed. */
  noticed(server: string): void {
    this.#questions.add([server]);
    void this.#refreshAgain().catch(() => undefined); // the next round tries again
  }

  /** Calls back after lists have changed, soon, and once for changes that come together. */
  onChange(listener: (change: ListingChange) => void): () => void {
    const stop = this.#changes.on(listener);
    const refresh = () => void this.#refresh().catch(() => undefined); // the next round tries again
    this.#timer ??= setInterval(refresh, LISTINGS_SNAPSHOT_INTERVAL_MS).unref();
    return () => {
      stop();
      if (this.#changes.isHeard) return;
      clearInterval(this.#timer);
      this.#timer = undefined;
    };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#changes.close();
    this.#questions.close();
  }

  async #firstRound(): Promise<void> {
    await this.#refresh();
    await this.#questions.idle(LISTINGS_FIRST_CHECK_MS);
    this.#isReady = true;
  }

  /** Whether the inventory was not looked at for a while; it counts as looked at from now on. */
  #isCheckDue(): boolean {
    const nowMs = performance.now();
    if (nowMs - this.#checkedAtMs < LISTINGS_CHECK_INTERVAL_MS) return false;
    this.#checkedAtMs = nowMs;
    return true;
  }

  async #isInventoryNew(): Promise<boolean> {
    return (await this.source.inventory().catch(() => this.#inventory)) !== this.#inventory;
  }

  /** Runs one round at a time; concurrent callers share it. */
  #refresh(): Promise<void> {
    this.#round ??= this.#runRound().finally(() => (this.#round = undefined));
    return this.#round;
  }

  /** Runs a round that begins after this moment. */
  async #refreshAgain(): Promise<void> {
    await this.#round?.catch(() => undefined); // told to who began it
    await this.#refresh();
  }

  async #runRound(): Promise<void> {
    this.#readAtMs = performance.now();
    const [inventory, heads, { position, servers: stirred }] = await Promise.all([
      this.source.inventory(),
      this.source.heads(),
      this.source.changedServers(this.#position),
    ]);
    this.#position = position;
    await this.#readStored(inventory, heads);
    const isSweep = performance.now() - this.#sweptAtMs > LISTINGS_SWEEP_INTERVAL_MS;
    if (isSweep) this.#sweptAtMs = performance.now();
    const isDue = (name: string, { isEntityKnown }: CachedListing) =>
      isSweep || !isEntityKnown || !stirred || stirred.has(name);
    const due = [...this.#cached].filter(([name, known]) => isDue(name, known));
    this.#questions.add(due.map(([name]) => name));
  }

  async #readStored(inventory: Inventory, heads: ReadonlyMap<string, ListHead>): Promise<void> {
    for (const name of [...this.#cached.keys()]) {
      if (!inventory.servers[name]) this.#forget(name);
    }
    for (const [name, { entry }] of Object.entries(inventory.servers)) {
      const known = this.#cached.get(name) ?? { enabled: true, isEntityKnown: false };
      known.enabled = entry.enabled ?? !entry.disabled;
      known.offered = { includeTools: entry.includeTools, excludeTools: entry.excludeTools };
      this.#cached.set(name, known);
      await this.#readLists(name, known, heads.get(name) ?? {}).catch(() => undefined); // the lists of before stand
      await this.#settle(name, known);
    }
    if (this.#inventory) this.#reportProfiles(this.#inventory, inventory);
    if (this.#inventory !== inventory) this.#state = undefined;
    this.#inventory = inventory;
  }

  async #readLists(
    name: string,
    known: CachedListing,
    { toolsHash, offerHash }: ListHead,
  ): Promise<void> {
    if (known.listed?.toolsHash !== toolsHash) {
      known.listed = (toolsHash && (await this.source.catalogue(name, toolsHash))) || undefined;
    }
    if (known.offer?.offerHash !== offerHash) {
      known.offer = (offerHash && (await this.source.offer(name))) || undefined;
    }
  }

  async #queryEntity(name: string): Promise<void> {
    const snapshot = await this.source.snapshot(name);
    const known = this.#cached.get(name);
    if (!known) return;
    known.snapshot = snapshot;
    known.isEntityKnown = true;
    await this.#settle(name, known);
  }

  async #settle(name: string, known: CachedListing): Promise<void> {
    const approvedHash = approvedHashOf(known.snapshot);
    const isOther = approvedHash !== undefined && approvedHash !== known.listed?.toolsHash;
    if (isOther && known.approved?.toolsHash !== approvedHash) {
      known.approved = await this.source.catalogue(name, approvedHash).catch(() => undefined); // it is not stored any more
    }
    if (this.#cached.get(name) !== known) return;
    const { enabled, offered = {}, snapshot, listed, approved, offer } = known;
    const facts = { enabled, offered, snapshot, listed, approved, offer };
    this.#put(name, known, listingOf({ server: name, ...facts }));
  }

  #put(name: string, known: CachedListing, listing: ServerListing): void {
    const before = known.listing;
    known.listing = listing;
    const areToolsNew = before?.toolsVersion !== listing.toolsVersion;
    const isOfferNew = before?.offerVersion !== listing.offerVersion;
    if (areToolsNew || isOfferNew || before?.hidden !== listing.hidden) this.#state = undefined;
    if (!this.#isReady) return; // the first round changes nothing
    if (areToolsNew) this.#changes.add(name, ['tools']);
    if (isOfferNew) this.#changes.add(name, ['resources', 'prompts']);
  }

  #forget(name: string): void {
    this.#cached.delete(name);
    this.#state = undefined;
    this.#changes.add(name, ['tools', 'resources', 'prompts']);
  }

  /** Reports the changed profiles, which may have another view of any server. */
  #reportProfiles(before: Inventory, after: Inventory): void {
    if (before === after) return;
    if (canonicalJson(before.profiles ?? {}) === canonicalJson(after.profiles ?? {})) return;
    for (const name of this.#cached.keys()) {
      this.#changes.add(name, ['tools', 'resources', 'prompts']);
    }
  }

  #stateNow(): ListingsState {
    const servers = [...this.#cached]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([, { listing }]) => listing ?? []);
    return { servers, profiles: this.#inventory?.profiles ?? {} };
  }
}
