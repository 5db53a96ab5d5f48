import { type JsonObject } from '../../base/json';
import { type CallOutcome } from '../../domain/calls/calls';
import { callId } from '../../domain/names';
import { type CacheSpec } from '../../domain/spec';
import { type CallWriter, createCallWriter } from '../../store/call-writer';
import { type HostSockets } from '../host-sockets/host-sockets';
import { type Tools } from '../servers/tools';
import { CachedCalls } from './cached-calls';
import { type CallContext } from './call-context';
import { type CallHandle } from './call-handle';
import { keyDigest } from './call-id';
import { type CallHooks, type CallRequest } from './call-request';
import { DirectCalls } from './direct-calls';
import { type DirectHandles } from './direct-handles';
import { DurableCalls } from './durable/durable-calls';
import { CallPreparation, type PreparedCall } from './prepare-call';
import { matchesTool } from './tool-patterns';

interface RouterParts {
  context: CallContext;
  tools: Tools;
  sockets: HostSockets;
  handles: DirectHandles;
}

/** Prepares each call once, and makes it by the shortest way that its server allows: a known result, its host, or Temporal. */
export class CallRouter {
  readonly #log: CallWriter;
  readonly #preparation: CallPreparation;
  readonly #cached = new CachedCalls();
  readonly #direct: DirectCalls;
  readonly #durable: DurableCalls;
  #lastWrite: Promise<void> = Promise.resolve();

  constructor({ context, tools, sockets, handles }: RouterParts) {
    const writer = createCallWriter(context.store.calls, lost);
    this.#log = { write: (record) => (this.#lastWrite = writer.write(record)) };
    this.#preparation = new CallPreparation(context, tools);
    const { results } = context.store;
    this.#direct = new DirectCalls({ results, sockets, handles, log: this.#log });
    this.#durable = new DurableCalls(context, this.#preparation, sockets);
  }

  /** @throws MainspringError when the call is refused, or Mainspring cannot be reached */
  async run(request: CallRequest, hooks: CallHooks = {}): Promise<CallOutcome> {
    const call = await this.#preparation.prepare(request);
    // A key is for what Temporal keeps: it must find the call of before.
    if (request.isOwnKey) return this.#durably(call, hooks);
    const { cache } = call.snapshot.signed.spec;
    const isKept = cache !== undefined && matchesTool(cache.tools, request.tool);
    return isKept ? this.#fromCache(call, cache, hooks) : this.#byShortest(call, hooks);
  }

  /**
   * Hands a call to Temporal.
   *
   * @throws MainspringError when the call is refused: then it did not run
   */
  async start(request: CallRequest): Promise<CallHandle> {
    return this.#durable.start(await this.#preparation.prepare(request));
  }

  /** Resolves when what was recorded is in the store. */
  async close(): Promise<void> {
    await this.#lastWrite;
  }

  async #fromCache(call: PreparedCall, policy: CacheSpec, hooks: CallHooks): Promise<CallOutcome> {
    const { request, snapshot } = call;
    const { server, tool, args, principal } = request;
    const { ready, signed } = snapshot;
    const version = { toolsHash: ready?.toolsHash, signature: signed.signature };
    const use = { server, tool, args, principal, policy, version, signal: hooks.signal };
    const end = await this.#cached.run(use, async (hasWaited) => {
      // Anything may have become of its server while an equal call was under way.
      const now = hasWaited ? await this.#preparation.prepare(request) : call;
      return this.#byShortest({ ...now, cacheMiss: true }, hooks);
    });
    return 'outcome' in end ? end.outcome : this.#known(request, end.hit);
  }

  async #byShortest(call: PreparedCall, hooks: CallHooks): Promise<CallOutcome> {
    const outcome = this.#direct.isOpen(call) ? await this.#direct.run(call, hooks) : undefined;
    return outcome ?? this.#durably(call, hooks);
  }

  async #durably(call: PreparedCall, { onStart, signal }: CallHooks): Promise<CallOutcome> {
    const handle = await this.#durable.start(call);
    onStart?.(handle);
    return cancellable(handle, signal);
  }

  /** The outcome of a call that nobody was called for. */
  #known(request: CallRequest, result: JsonObject): CallOutcome {
    const { server, tool, principal, correlationId, key } = request;
    const id = callId(server, keyDigest(principal, key));
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
    return { ...call, outcome: 'ok', result, path: 'cached', queuedMs: 0, ranMs: 0 };
  }
}

/** What a client cannot write into the index is lost: nobody waits for it. */
const lost = (storing: Promise<void>) => storing.catch(() => undefined);

/** Resolves with the outcome of a call that `signal` cancels; it may still end in another way. */
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
