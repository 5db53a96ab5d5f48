import { randomUUID } from 'node:crypto';
import { type CallOutcome } from '../../domain/calls/calls';
import { type ServerSnapshot } from '../../domain/messages';
import { callId } from '../../domain/names';
import { type CacheSpec } from '../../domain/spec';
import { type CallWriter, createCallWriter } from '../../store/call-writer';
import { CachedCalls } from './cached-calls';
import { checkAdmission } from './call-admission';
import { type CallHandle } from './call-handle';
import { keyDigest } from './call-id';
import { type Calls, type CallToolOptions } from './calls';
import { type ClientContext } from '../context';
import { DirectCalls, type WantedCall } from './direct-calls';
import { type DirectHandles } from './direct-handles';
import { type HostSockets } from '../host-sockets/host-sockets';
import { type Snapshots } from '../servers/snapshots';
import { matchesTool } from './tool-patterns';
import { type Tools } from '../servers/tools';
import { type JsonObject } from '../../base/json';

export interface CallHooks {
  /** Gets the handle of a call that takes the durable way, as soon as Temporal has it. */
  onStart?: (handle: CallHandle) => void;
  /** A call that takes the direct way is about to be sent: only this process can follow it. */
  onSend?: () => void;
  /** Cancels the call: it may end in another way all the same. */
  signal?: AbortSignal;
}

/** Makes each call by the shortest way that its server allows: a result that is known, its host, or Temporal. */
export class CallRouter {
  readonly #log: CallWriter;
  readonly #direct: DirectCalls;
  readonly #cached = new CachedCalls();
  #lastWrite: Promise<void> = Promise.resolve();

  constructor(
    private readonly context: ClientContext,
    private readonly calls: Calls,
    private readonly snapshots: Snapshots,
    { tools, sockets, direct }: { tools: Tools; sockets: HostSockets; direct: DirectHandles },
  ) {
    const writer = createCallWriter(context.store.calls);
    this.#log = {
      write: (record) => {
        this.#lastWrite = writer.write(record).catch(() => undefined); // the index is for looking
        return this.#lastWrite;
      },
    };
    this.#direct = new DirectCalls(context, tools, sockets, this.#log, direct);
  }

  /** @throws MainspringError when the call is refused, or Mainspring cannot be reached */
  async run(
    server: string,
    tool: string,
    args: JsonObject,
    {
      onStart,
      onSend,
      signal,
      ...options
    }: CallToolOptions & CallHooks & { correlationId: string },
  ): Promise<CallOutcome> {
    const { principal = this.context.principal, correlationId, onId } = options;
    const key = options.idempotencyKey ?? randomUUID();
    const wanted: WantedCall = {
      server,
      tool,
      args,
      principal,
      correlationId,
      key,
      signal,
      onSend,
      options,
    };
    const durably = () => this.#durably(wanted, onStart);
    // A key is for what Temporal keeps: it must find the call of before.
    if (options.idempotencyKey !== undefined) return durably();
    const snapshot = await this.#known(server);
    if (!snapshot) return durably();
    wanted.options = { ...options, onId: onId && once(onId) };
    const shortest = () => this.#directly(snapshot, wanted, durably);
    const { cache } = snapshot.signed.spec;
    return cache && matchesTool(cache.tools, tool)
      ? this.#fromCache(snapshot, cache, wanted, shortest)
      : shortest();
  }

  /** What was recorded is in the store. */
  async close(): Promise<void> {
    await this.#lastWrite;
  }

  /** One that is asleep or not known is for the durable way to wake or refuse. */
  async #known(server: string): Promise<ServerSnapshot | undefined> {
    return this.snapshots.get(server).catch(() => undefined);
  }

  async #fromCache(
    snapshot: ServerSnapshot,
    policy: CacheSpec,
    wanted: WantedCall,
    make: () => Promise<CallOutcome>,
  ): Promise<CallOutcome> {
    const { server, tool, args, principal, correlationId, signal } = wanted;
    await checkAdmission(this.snapshots, snapshot, tool);
    const version = {
      toolsHash: snapshot.ready?.toolsHash,
      signature: snapshot.signed.signature,
    };
    const use = { server, tool, args, principal, policy, version, signal };
    const end = await this.#cached.run(use, () => {
      wanted.cacheMiss = true;
      return make();
    });
    if ('outcome' in end) return end.outcome;
    const id = callId(server, keyDigest(principal, wanted.key));
    const now = Date.now();
    void this.#log.write({
      callId: id,
      server,
      tool,
      principal,
      correlationId,
      status: 'ok',
      path: 'cached',
      submittedAtMs: now,
      endedAtMs: now,
      attempts: 0,
    });
    const call = { callId: id, correlationId, server, tool };
    return { ...call, outcome: 'ok', result: end.hit, path: 'cached', queuedMs: 0, ranMs: 0 };
  }

  async #directly(
    snapshot: ServerSnapshot,
    wanted: WantedCall,
    durably: () => Promise<CallOutcome>,
  ): Promise<CallOutcome> {
    if (!this.#direct.isOpen(snapshot, wanted.tool)) return durably();
    await checkAdmission(this.snapshots, snapshot, wanted.tool);
    return (await this.#direct.run(snapshot, wanted)) ?? durably();
  }

  async #durably(
    { server, tool, args, key, options, signal, cacheMiss }: WantedCall,
    onStart: CallHooks['onStart'],
  ): Promise<CallOutcome> {
    const handle = await this.calls.start(server, tool, args, options, { key, cacheMiss });
    onStart?.(handle);
    return cancellable(handle, signal);
  }
}

function once(tell: (callId: string) => void): (callId: string) => void {
  let isTold = false;
  return (id) => {
    if (!isTold) tell(id);
    isTold = true;
  };
}

/** The outcome of a call, which `signal` cancels: it may end in another way all the same. */
async function cancellable(
  handle: CallHandle,
  signal: AbortSignal | undefined,
): Promise<CallOutcome> {
  const cancel = () => void handle.cancel().catch(() => undefined); // the outcome says how it went
  if (signal?.aborted) cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await handle.result();
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
