import { setTimeout as sleep } from 'node:timers/promises';
import {
  type InputRequest,
  PENDING_INPUT_REQUESTS_INTERVAL_MS,
} from '../../domain/calls/input-requests';
import { type Operations } from '../operations';
import { type Started } from '../calls/started';
import { canFollowTasks } from '../tasks/tasks';
import { type ModernTasks } from '../tasks/modern-tasks';
import { answersOf, inputRequired } from './input-required';
import { type StateOwner, type StateSeal } from './request-state';
import { type ModernRequest, RoundExchange } from './mrtr-round';
import { isJsonObject, type JsonObject } from '../../base/json';
import { pause } from '../../async/pause';

export interface MultiRoundDeps {
  operations: Operations;
  tasks: ModernTasks;
  seal: StateSeal;
  /** Returns the open input requests of a call by its ID: other gateways may have received them. */
  pendingInputRequests(callId: string): Promise<InputRequest[]>;
  /** Milliseconds after which a call becomes a task for a client that supports tasks. */
  tasksAfterMs: number;
}

/** Request that was started or resumed, and its answers so far. */
interface RunningRequest {
  round: RoundExchange;
  started: Started;
  owner: StateOwner;
  answered: ReadonlySet<string>;
  /** Whether an earlier request started it, perhaps at another gateway. */
  isResumed: boolean;
}

/**
 * Handles `tools/call`, `resources/read` and `prompts/get`: to the end, or until the server
 * requires input (Multi Round-Trip Requests), or until the call has become a task. A started call
 * continues meanwhile, whichever process has it.
 */
export class MultiRoundRequests {
  constructor(private readonly deps: MultiRoundDeps) {}

  /** @param asTask - creates a task at once, for a client that supports tasks */
  async answer(request: ModernRequest, asTask: boolean): Promise<JsonObject> {
    const { _meta, requestState, inputResponses, ...params } = request.params;
    const { principal, scope } = request.caller;
    const owner: StateOwner = { principal, scope, method: request.method, params };
    const running =
      requestState === undefined
        ? await this.#start(request, owner, inputResponses, asTask)
        : await this.#resume(request, owner, requestState, inputResponses);
    return this.#settle(request, running, asTask);
  }

  async #start(
    request: ModernRequest,
    owner: StateOwner,
    inputResponses: unknown,
    asTask: boolean,
  ): Promise<RunningRequest> {
    // A client may send answers in advance.
    const given = isJsonObject(inputResponses) ? inputResponses : undefined;
    const round = new RoundExchange(request, undefined, given).begin();
    const options = { durable: asTask };
    const { method, params } = owner;
    const started = await endOnFailure(
      round,
      this.deps.operations.start(round, method, params, options),
    );
    return { round, started, owner, answered: new Set(), isResumed: false };
  }

  async #resume(
    request: ModernRequest,
    owner: StateOwner,
    requestState: unknown,
    inputResponses: unknown,
  ): Promise<RunningRequest> {
    const { operations, seal } = this.deps;
    const state = seal.open(requestState, owner, Date.now());
    const answers = answersOf(state, inputResponses);
    const answered = new Set([...state.answered, ...answers.map(({ askId }) => askId)]);
    const round = new RoundExchange(request, answered).begin();
    // Resumed first, so that no message of the server after the answers is missed.
    const started = await endOnFailure(round, operations.resume(round, state.callId));
    const given = answers.map(({ askId, result }) => operations.answer(askId, { result }));
    await endOnFailure(round, Promise.all(given));
    return { round, started, owner, answered, isResumed: true };
  }

  async #settle(
    request: ModernRequest,
    running: RunningRequest,
    asTask: boolean,
  ): Promise<JsonObject> {
    const { round, started } = running;
    const over = new AbortController();
    const isTaskable = started.callId !== '' && request.method === 'tools/call';
    try {
      const result = started.result();
      result.catch(() => undefined); // possibly no one waits for it anymore
      const ends: Promise<() => Promise<JsonObject> | JsonObject>[] = [
        result.then((value) => () => value),
        round.asked.then((asks) => () => this.#inputRequired(running, asks)),
      ];
      if (isTaskable && canFollowTasks(request.caller)) {
        const afterMs = asTask ? 0 : this.deps.tasksAfterMs;
        const { name } = running.owner.params;
        const tool = typeof name === 'string' ? name : '';
        const create = () => this.deps.tasks.create(round, started, tool);
        ends.push(sleep(afterMs, create, { signal: over.signal }));
      }
      if (running.isResumed) void this.#pollInputRequests(running, over.signal);
      const end = await Promise.race(ends);
      return await end();
    } finally {
      round.end();
      over.abort();
    }
  }

  #inputRequired({ started, answered, owner }: RunningRequest, asks: InputRequest[]): JsonObject {
    const { inputRequests, state } = inputRequired(callIdOf(started, asks), asks, answered);
    return {
      resultType: 'input_required',
      inputRequests,
      requestState: this.deps.seal.seal(state, owner),
    };
  }

  /**
   * Polls for input requests: they go to the gateway that started the call, which may be another
   * one.
   */
  async #pollInputRequests({ round, started }: RunningRequest, signal: AbortSignal): Promise<void> {
    const { callId } = started;
    if (!supportsInput(round)) return;
    while (!signal.aborted) {
      const asks = await this.deps.pendingInputRequests(callId).catch(() => []); // the next poll tries again
      if (signal.aborted) return;
      for (const ask of asks) void round.requestInput(ask);
      await pause(PENDING_INPUT_REQUESTS_INTERVAL_MS, signal);
    }
  }
}

/** Ends the round if the work fails, because the client then gets the error. */
async function endOnFailure<Value>(round: RoundExchange, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    round.end();
    throw error;
  }
}

/** A request that is not a call has its ID only in the input requests. */
function callIdOf(started: Started, asks: readonly InputRequest[]): string {
  return started.callId === '' ? (asks[0]?.callId ?? '') : started.callId;
}

function supportsInput({ caller: { capabilities } }: RoundExchange): boolean {
  return ['elicitation', 'sampling', 'roots'].some((name) => capabilities[name] !== undefined);
}
