import { type ServerSpec } from '../domain/spec';
import { type ValidationReport } from '../domain/servers/validation';
import { type LiveConnection } from '../mcp/session/live-connection';
import { type ListItem } from './list-items';

/** Starts (or connects to) a server for the validation only; never returns the running one. */
export type StartServer = (spec: ServerSpec, signal: AbortSignal) => Promise<LiveConnection>;

/** Server instance under validation. If a check has ended it, the next check gets a new one. */
export class Trial {
  /** Measurements of the checks. */
  readonly measurements: Pick<
    ValidationReport,
    'serverInfo' | 'protocolVersion' | 'tools' | 'load' | 'memory'
  > = {};
  /** Tools as the first instance lists them; undefined until they are listed. */
  tools: ListItem[] | undefined;
  readonly #pastJunk: string[] = [];
  readonly #connections = new Set<LiveConnection>();
  readonly #starting = new Set<Promise<LiveConnection>>();
  #current: LiveConnection | undefined;

  constructor(
    readonly spec: ServerSpec,
    private readonly startServer: StartServer,
  ) {}

  /** Returns the current instance, or starts a new one. */
  async connection(signal: AbortSignal): Promise<LiveConnection> {
    return (this.#current ??= await this.startAnother(this.spec, signal));
  }

  /** Starts another instance, which the caller must end. */
  async startAnother(spec: ServerSpec, signal: AbortSignal): Promise<LiveConnection> {
    const starting = this.#start(spec, signal);
    this.#starting.add(starting);
    return starting.finally(() => this.#starting.delete(starting));
  }

  async #start(spec: ServerSpec, signal: AbortSignal): Promise<LiveConnection> {
    const connection = await this.startServer(spec, signal);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#forget(connection));
    if (signal.aborted) await connection.kill();
    signal.throwIfAborted();
    return connection;
  }

  /** Lines on the server's stdout that were not messages. */
  get junk(): string[] {
    return [...this.#pastJunk, ...[...this.#connections].flatMap(({ junk }) => junk)];
  }

  /** Ends all remaining instances at once; starts that are in progress must have been aborted. */
  async kill(): Promise<void> {
    await Promise.allSettled(this.#starting);
    await Promise.all([...this.#connections].map((connection) => connection.kill()));
  }

  #forget(connection: LiveConnection): void {
    this.#pastJunk.push(...connection.junk);
    this.#connections.delete(connection);
    if (this.#current === connection) this.#current = undefined;
  }
}
