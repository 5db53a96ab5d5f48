import { MainspringError } from '../../base/errors';
import { type ListFlaw } from '../../domain/catalogue/list-flaws';
import { toolsSwitchedOff } from '../../domain/endpoint/server-listing';
import {
  type ToolCatalogue,
  type ToolDefinition,
  type UncheckedTool,
} from '../../domain/catalogue/tools';
import { readInventory } from '../../inventory/inventory';
import { type ClientContext } from '../context';
import { type Snapshots } from './snapshots';
import { reviewTools, type ToolReview } from './tool-review';
import { type OnDemandServers } from './on-demand';

/** Tools of servers, from the stored catalogue: also of a server that does not run now. */
export class Tools {
  /** Newest catalogue of each server that this process has used. */
  readonly #catalogues = new Map<string, ToolCatalogue>();

  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly snapshots: Snapshots,
    private readonly waking: OnDemandServers,
  ) {}

  /**
   * Lists the tools that a server listed last; an on-demand server that has never run is started for it.
   *
   * @throws MainspringError UNKNOWN_SERVER; SERVER_NOT_RUNNING when it has never run
   */
  async list(server: string): Promise<ToolDefinition[]> {
    const hash = await this.#currentHash(server);
    const catalogue = await this.catalogue(server, hash);
    if (catalogue) return catalogue.tools;
    const started = await this.waking.start(server);
    const listed = started && (await this.catalogue(server, started.ready?.toolsHash));
    if (listed) return listed.tools;
    const message = `"${server}" has never run, so its tools are unknown.`;
    const fix = `Start it: mainspring start ${server}.`;
    throw new MainspringError('SERVER_NOT_RUNNING', message, { fix });
  }

  /**
   * Lists the tools whose arguments are not checked before a call, or only in part, and why. Empty when its tools are
   * unknown.
   *
   * @throws MainspringError UNKNOWN_SERVER
   */
  async unchecked(server: string): Promise<UncheckedTool[]> {
    const hash = await this.#currentHash(server);
    return (await this.catalogue(server, hash))?.unchecked ?? [];
  }

  /**
   * Lists what is not passed on as the server listed it. Empty when its tools are unknown.
   *
   * @throws MainspringError UNKNOWN_SERVER
   */
  async flaws(server: string): Promise<ListFlaw[]> {
    const hash = await this.#currentHash(server);
    return (await this.catalogue(server, hash))?.flaws ?? [];
  }

  /** Returns why some of its tools are not offered to clients, by their names: its entry says so. */
  async switchedOff(server: string): Promise<ReadonlyMap<string, string>> {
    const { servers } = await readInventory(this.context.home);
    const catalogue = await this.catalogue(server, await this.#currentHash(server));
    return toolsSwitchedOff(catalogue?.tools ?? [], servers[server]?.entry);
  }

  /**
   * Returns the hash of the current tools. An on-demand server may never have run: then the newest catalogue counts, if
   * there is one.
   */
  async #currentHash(server: string): Promise<string | undefined> {
    const snapshot = await this.snapshots.fetch(server).catch(async (error: unknown) => {
      if (await this.waking.isOnDemand(server)) return undefined;
      throw error;
    });
    return snapshot?.ready?.toolsHash;
  }

  /** Returns one tool as the server listed it last; undefined when it, or the server's catalogue, is unknown. */
  async find(server: string, tool: string): Promise<ToolDefinition | undefined> {
    const { ready } = await this.snapshots.fetch(server).catch(() => ({ ready: undefined }));
    const catalogue = await this.catalogue(server, ready?.toolsHash);
    return catalogue?.tools.find(({ name }) => name === tool);
  }

  /**
   * Compares the tools that a server lists now with those that were approved.
   *
   * @throws MainspringError UNKNOWN_SERVER
   */
  async review(server: string): Promise<ToolReview> {
    return reviewTools(await this.snapshots.fetch(server), this.context.store.catalogue);
  }

  /**
   * The catalogue with this hash, or the newest one when the hash is not known.
   *
   * @internal
   */
  async catalogue(
    server: string,
    toolsHash: string | undefined,
  ): Promise<ToolCatalogue | undefined> {
    const known = this.#catalogues.get(server);
    if (known && known.toolsHash === toolsHash) return known;
    const { catalogue } = this.context.store;
    const found = toolsHash
      ? await catalogue.get(server, toolsHash)
      : await catalogue.latest(server);
    if (found) this.#catalogues.set(server, found);
    return found;
  }
}
