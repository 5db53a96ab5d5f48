import { type ServerSpec } from '../domain/spec';
import { type ValidationReport } from '../domain/servers/validation';
import { type LiveConnection } from '../mcp/session/live-connection';
import { type Item } from './list-items';

/** Starts (or connects to) a server for the validation alone; never hands out the running one. */
export type StartServer = (spec: ServerSpec, signal: AbortSignal) => Promise<LiveConnection>;

/** The instance of a server that is being tried. When a check has ended it, the next one gets another. */
export class Trial {
  /** What the checks have measured. */
  readonly measured: Pick<
    ValidationReport,
    'serverInfo' | 'protocolVersion' | 'tools' | 'load' | 'memory'
  > = {};
  /** The tools as the first instance lists them; undefined while that is not known. */
  tools: Item[] | undefined;
  readonly #pastJunk: string[] = [];
  readonly #open = new Set<LiveConnection>();
  readonly #starting = new Set<Promise<LiveConnection>>();
  #current: LiveConnection | undefined;

  constructor(
    readonly spec: ServerSpec,
    private readonly startServer: StartServer,
  ) {}

  /** The instance that is there, or a new one. */
  async connection(signal: AbortSignal): Promise<LiveConnection> {
    return (this.#current ??= await this.startAnother(this.spec, signal));
  }

  /** One more instance, which the caller ends. */
  async startAnother(spec: ServerSpec, signal: AbortSignal): Promise<LiveConnection> {
    const starting = this.#start(spec, signal);
    this.#starting.add(starting);
    return starting.finally(() => this.#starting.delete(starting));
  }

  async #start(spec: ServerSpec, signal: AbortSignal): Promise<LiveConnection> {
    const connection = await this.startServer(spec, signal);
    this.#open.add(connection);
    void connection.closed.then(() => this.#forget(connection));
    if (signal.aborted) await connection.kill();
    signal.throwIfAborted();
    return connection;
  }

  /** Lines that the server has printed on stdout and that were no messages. */
  get junk(): string[] {
    return [...this.#pastJunk, ...[...this.#open].flatMap(({ junk }) => junk)];
  }

  /** Ends whatever is left at once; what is still starting must have been aborted. */
  async kill(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#open].map((connection) => connection.kill()));
  }

  #forget(connection: LiveConnection): void {
    this.#pastJunk.push(...connection.junk);
    this.#open.delete(connection);
    if (this.#current === connection) this.#current = undefined;
  }
}
