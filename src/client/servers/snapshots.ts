import { WorkflowNotFoundError } from '@temporalio/client';
import { CONTROL_TIMEOUT_MS } from '../../domain/limits';
import { type ServerSnapshot } from '../../domain/messages';
import { serverWorkflowId } from '../../domain/names';
import { readInventory } from '../../inventory/inventory';
import { type ClientContext } from '../context';
import { unknownServer } from '../../domain/servers/unknown-name-errors';
import { translated } from '../failures';
import { readWorkflow } from '../read-workflow';

/** A client's snapshot of a server older than this is refreshed before the next call. */
const SNAPSHOT_MAX_AGE_MS = 1_000;

interface Cached {
  snapshot: ServerSnapshot;
  takenAt: number;
}

/** Snapshots of servers in this process, so that a call needs no round trip to be checked. */
export class Snapshots {
  readonly #cached = new Map<string, Cached>();
  readonly #underWay = new Map<string, Promise<ServerSnapshot | undefined>>();

  constructor(private readonly context: ClientContext) {}

  /**
   * Returns the snapshot that is here already, if there is one; one older than a second is returned while a new one is
   * fetched, so that calls continue while the control worker restarts.
   */
  known(server: string): ServerSnapshot | undefined {
    const cached = this.#cached.get(server);
    if (!cached) return undefined;
    if (!isFresh(cached)) this.fetch(server).catch(() => undefined); // the next call tries again
    return cached.snapshot;
  }

  /** Returns a snapshot that is at most a second old, waiting for it if necessary: many callers query once a second at most. */
  async recent(server: string): Promise<ServerSnapshot> {
    const cached = this.#cached.get(server);
    return cached && isFresh(cached) ? cached.snapshot : this.fetch(server);
  }

  /** Queries the entity; throws UNKNOWN_SERVER, with near matches, when there is none. */
  async fetch(server: string): Promise<ServerSnapshot> {
    const found = await this.find(server);
    if (found) return found;
    const { servers } = await readInventory(this.context.home);
    throw unknownServer(server, Object.keys(servers));
  }

  /** Queries the entity, if there is one; concurrent callers share one request. */
  async find(server: string): Promise<ServerSnapshot | undefined> {
    const existing = this.#underWay.get(server);
    if (existing) return existing;
    const finding = this.#query(server).finally(() => this.#underWay.delete(server));
    this.#underWay.set(server, finding);
    return finding;
  }

  /** Keeps the snapshot from the answer to a command. */
  put(snapshot: ServerSnapshot): void {
    this.#cached.set(snapshot.name, { snapshot, takenAt: performance.now() });
  }

  forget(server: string): void {
    this.#cached.delete(server);
  }

  async #query(server: string): Promise<ServerSnapshot | undefined> {
    const { client } = this.context;
    const askedAt = performance.now();
    const entity = client.workflow.getHandle(serverWorkflowId(server));
    try {
      const snapshot = await client.withDeadline(Date.now() + CONTROL_TIMEOUT_MS, () =>
        readWorkflow(entity, isSnapshot),
      );
      // The answer to a command that came meanwhile is newer.
      const cached = this.#cached.get(server);
      if (cached && cached.takenAt > askedAt) return cached.snapshot;
      this.put(snapshot);
      return snapshot;
    } catch (error) {
      this.#cached.delete(server);
      // The workflow of a removed server is over.
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw translated(error, server);
    }
  }
}

function isSnapshot(value: unknown): value is ServerSnapshot {
  return typeof value === 'object' && value !== null && 'generation' in value;
}

function isFresh({ takenAt }: Cached): boolean {
  return performance.now() - takenAt <= SNAPSHOT_MAX_AGE_MS;
}
