import { MainspringError } from '../../src/base/errors';
import {
  type ChildFailure,
  NO_RESTARTS,
  nextRestart,
  type RestartHistory,
} from '../../src/domain/entity/restart';
import { type SessionExited } from '../../src/domain/entity/session';
import { type ServerSpec } from '../../src/domain/spec';
import { type ToolCatalogue } from '../../src/domain/catalogue/tools';
import { isLoginRequired } from '../../src/mcp/session/authorization';
import { isAway } from '../../src/mcp/session/connect-error';
import { type McpConnection } from '../../src/mcp/session/connection';
import { type Mask } from '../../src/process/mask';
import { CallRetries } from '../calls/call-retries';
import { InFlight } from './in-flight';

export interface Launched {
  connection: McpConnection;
  catalogue: ToolCatalogue;
  /** Hides the secrets that this child was given. */
  mask: Mask;
  /** Spec with resolved references: it holds secrets, and never leaves this host. */
  resolved: ServerSpec;
  /** Digest of the values of its references (`valuesOf`). */
  values: string;
}

export interface Supervision {
  /** Spawns or connects, and lists the tools; an abort ends it and leaves nothing behind. */
  launch(spec: ServerSpec, signal: AbortSignal): Promise<Launched>;
  onReady(serving: Serving, reason: string): void;
  onBackoff(error: MainspringError, delayMs: number): void;
  /** Whether it was ready under an owner before this one. */
  answeredBefore?: boolean;
}

/** Reason why a session cannot continue. */
export interface Failure {
  kind: Exclude<SessionExited['kind'], 'stopped' | 'gone'>;
  error: MainspringError;
}

interface Replacement {
  spec: ServerSpec;
  resolve: (serving: Serving) => void;
  reject: (error: MainspringError) => void;
}

/** Server that is ready, and its calls in flight. */
export interface Serving extends Launched {
  spec: ServerSpec;
  calls: InFlight;
  sinceMs: number;
  /** Hash of what it has listed last, which may not be stored yet. */
  newestTools?: string;
}

/** Reason of a child that replaced another on purpose; an earlier event says why. */
export const ANSWERS_AGAIN = 'ready again';

/** Errors after which another first start would fail in the same way. */
const PERMANENT: ReadonlySet<string> = new Set([
  'COMMAND_NOT_FOUND',
  'COMMAND_NOT_EXECUTABLE',
  'DIRECTORY_NOT_FOUND',
  'VARIABLE_UNSET',
  'HANDSHAKE_FAILED',
  'HANDSHAKE_TIMEOUT',
  'SERVER_KILLS_HOST',
]);

/**
 * Child of one session: restarted by policy when it crashes, replaced on reload, while calls wait for the next one. It
 * fails only through `failed`.
 */
export class SupervisedServer {
  restarts = 0;
  readonly retries = new CallRetries();
  /** Resolves when the server cannot continue; stays pending when it is stopped. */
  readonly failed: Promise<Failure>;
  #serving: Serving | undefined;
  #history: RestartHistory;
  #answeredHere = false;
  #replacement: Replacement | undefined;
  /** Old children with calls in flight, and their ends. */
  readonly #closing = new Map<McpConnection, Promise<void>>();
  readonly #ended = new AbortController();
  #loop: Promise<Failure | undefined> = Promise.resolve(undefined);
  #fail: (failure: Promise<Failure>) => void = () => undefined;
  readonly #waiters = new Set<(serving: Serving | undefined) => void>();
  #abandon: (error: MainspringError) => void = () => undefined;
  /** Interrupts a wait of the loop: a replacement or the end was requested. */
  #wake: () => void = () => undefined;

  constructor(
    private spec: ServerSpec,
    private readonly supervision: Supervision,
  ) {
    // A remote server that is away now may come back.
    const hasBeenReady = this.#isRemote && supervision.answeredBefore === true;
    this.#history = { ...NO_RESTARTS, hasBeenReady };
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  /** Begins with the first child; nothing of the supervision is called before. */
  start(): void {
    this.#loop = this.#run();
    this.#fail(this.#loop.then((failure) => failure ?? new Promise(() => undefined)));
  }

  /** Whether it has ever been ready in this session. */
  get hasBeenReady(): boolean {
    return this.#history.hasBeenReady;
  }

  /** Whether it has been ready under this owner: this host has what it needs. */
  get answeredHere(): boolean {
    return this.#answeredHere;
  }

  get serving(): Serving | undefined {
    return this.#serving;
  }

  /** Resolves with the server as soon as it is ready; undefined when it ended or `signal` fired first. */
  async whenServing(signal: AbortSignal): Promise<Serving | undefined> {
    if (this.#serving || this.#ended.signal.aborted || signal.aborted) return this.#serving;
    return new Promise((resolve) => {
      const settle = (serving: Serving | undefined) => {
        this.#waiters.delete(settle);
        signal.removeEventListener('abort', giveUp);
        resolve(serving);
      };
      const giveUp = () => settle(undefined);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiters.add(settle);
    });
  }

  /** Replaces the current child by one with this spec; calls in flight finish, new ones wait. */
  async replace(spec: ServerSpec): Promise<Serving> {
    if (this.#ended.signal.aborted) throw wasStopped();
    return new Promise((resolve, reject) => {
      this.#replacement?.reject(
        new MainspringError(
          'TRANSITION_REFUSED',
          'It was superseded by a newer restart or reload.',
        ),
      );
      this.#replacement = { spec, resolve, reject };
      this.#wake();
    });
  }

  /** Counts an unresponsive server as crashed, although its connection is still open. */
  abandon(serving: Serving, error: MainspringError): void {
    if (this.#serving === serving) this.#abandon(error);
  }

  /** Lets calls in flight finish within the grace, then ends the child. */
  async stop(graceMs: number): Promise<void> {
    const serving = this.#end();
    await serving?.calls.quiet(graceMs);
    await serving?.connection.close(graceMs);
    await Promise.all(this.#closing.values());
    await this.#loop;
  }

  /** Ends the child at once. */
  async kill(): Promise<void> {
    const serving = this.#end();
    const old = [...this.#closing.keys()];
    const open = serving ? [serving.connection, ...old] : old;
    await Promise.all(open.map((connection) => connection.kill()));
    await this.#loop;
  }

  #end(): Serving | undefined {
    const serving = this.#serving;
    this.#serving = undefined;
    this.#ended.abort();
    this.#replacement?.reject(wasStopped());
    this.#wake();
    this.#release(undefined);
    return serving;
  }

  #release(serving: Serving | undefined): void {
    for (const settle of [...this.#waiters]) settle(serving);
  }

  async #run(): Promise<Failure | undefined> {
    const { signal } = this.#ended;
    let reason = 'ready';
    while (!signal.aborted) {
      if (this.#replacement) {
        this.spec = this.#replacement.spec;
        reason = ANSWERS_AGAIN;
      }
      const launched = await this.#launch(signal);
      if (signal.aborted) {
        if ('connection' in launched) await launched.connection.kill();
        return undefined;
      }
      let serving: Serving | undefined;
      if ('error' in launched) {
        serving = this.#keepOld(launched.error);
        const failure = serving ? undefined : await this.#afterFailedLaunch(launched.error);
        if (failure) return failure;
        if (!serving) continue;
      } else serving = this.#serve(launched, reason);
      const { connection } = serving;
      const why = await this.#untilItEnds(connection);
      if (signal.aborted) return undefined;
      if (why === 'replaced') {
        await this.#takeDown(serving);
        continue;
      }
      this.#serving = undefined;
      await connection.kill(); // grandchildren may outlive the leader
      const failure = await this.#afterCrash(serving, why);
      if (failure) return failure;
      reason = `ready again after: ${why.message}`;
    }
    return undefined;
  }

  get #isRemote(): boolean {
    return this.spec.process === undefined;
  }

  async #launch(signal: AbortSignal): Promise<Launched | { error: MainspringError }> {
    try {
      return await this.supervision.launch(this.spec, signal);
    } catch (error) {
      if (error instanceof MainspringError) return { error };
      const message = error instanceof Error ? error.message : String(error);
      return { error: new MainspringError('INTERNAL_ERROR', message, { cause: error }) };
    }
  }

  #serve(launched: Launched, reason: string): Serving {
    const replaced = this.#serving;
    const { spec } = this;
    const serving = { ...launched, spec, calls: new InFlight(), sinceMs: Date.now() };
    this.#serving = serving;
    this.#history = { ...this.#history, hasBeenReady: true };
    this.#answeredHere = true;
    if (replaced) void this.#close(replaced); // the spec allows an overlap
    this.supervision.onReady(serving, reason);
    this.#release(serving);
    if (this.#replacement?.spec === this.spec) {
      this.#replacement.resolve(serving);
      this.#replacement = undefined;
    }
    return serving;
  }

  async #untilItEnds(connection: McpConnection): Promise<MainspringError | 'replaced'> {
    if (this.#replacement) return 'replaced';
    const abandoned = new Promise<MainspringError>((resolve) => (this.#abandon = resolve));
    const replaced = this.#interrupted().then(() => 'replaced' as const);
    return Promise.race([connection.closed, abandoned, replaced]);
  }

  /** Ends the old child first (it may hold a lock or port), unless the new spec allows both at once. */
  async #takeDown(old: Serving): Promise<void> {
    this.#history = { ...NO_RESTARTS, hasBeenReady: true };
    if (this.#replacement?.spec.overlap) return;
    this.#serving = undefined;
    await this.#close(old);
  }

  async #close({ connection, calls }: Serving): Promise<void> {
    const { stopMs } = this.spec.timeouts;
    const closing = calls.quiet(stopMs).then(() => connection.close(stopMs));
    this.#closing.set(connection, closing);
    await closing;
    this.#closing.delete(connection);
  }

  /** Returns the old child if it still serves: with an overlap it continues when the new one does not start. */
  #keepOld(error: MainspringError): Serving | undefined {
    const old = this.#serving;
    if (!old) return undefined;
    this.#replacement?.reject(error);
    this.#replacement = undefined;
    this.spec = old.spec;
    return old;
  }

  async #afterFailedLaunch(error: MainspringError): Promise<Failure | undefined> {
    const isRemote = this.#isRemote;
    const mayComeUp = isRemote && isAway(error);
    const isHopeless = PERMANENT.has(error.code) && !this.#answeredHere && !mayComeUp;
    // A replacement that does not start has no child to fall back to: the session ends with its error.
    if (this.#replacement?.spec === this.spec) {
      this.#replacement.reject(error);
      this.#replacement = undefined;
      if (!mayComeUp) return { kind: 'failed', error };
    }
    const permanent = isLoginRequired(error) || isHopeless;
    const how = { ranForMs: 0, cleanExit: false, permanent, isRemote, isAway: mayComeUp };
    return this.#backOff(error, how);
  }

  async #afterCrash(serving: Serving, why: MainspringError): Promise<Failure | undefined> {
    const ranForMs = Date.now() - serving.sinceMs;
    const cleanExit = serving.connection.exitStatus?.code === 0;
    return this.#backOff(why, {
      ranForMs,
      cleanExit,
      isRemote: this.#isRemote,
      isAway: false,
      permanent: isLoginRequired(why),
    });
  }

  async #backOff(
    error: MainspringError,
    how: Omit<ChildFailure, 'atMs'>,
  ): Promise<Failure | undefined> {
    const failure = { atMs: Date.now(), ...how };
    const decision = nextRestart(this.spec.restart, this.#history, failure, Math.random());
    if (decision.action === 'give-up') {
      const { code, fix } = error;
      const message = how.permanent ? error.message : `${error.message} (${decision.reason})`;
      return {
        kind: decision.kind,
        error: new MainspringError(code, message, { fix, cause: error }),
      };
    }
    this.#history = decision.history;
    this.restarts++;
    this.supervision.onBackoff(error, decision.delayMs);
    if (decision.delayMs > 0) await this.#interrupted(decision.delayMs);
    return undefined;
  }

  /** Resolves when a replacement or the end was requested, or after `delayMs`. */
  async #interrupted(delayMs?: number): Promise<void> {
    if (this.#replacement || this.#ended.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = delayMs === undefined ? undefined : setTimeout(resolve, delayMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function wasStopped(): MainspringError {
  return new MainspringError('SERVER_NOT_RUNNING', 'The server was stopped meanwhile.');
}
