import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { parseInputRequestId } from '../../domain/names';
import { type Channel, isOpen } from './channel';
import { type SessionSigner } from './session-signer';
import { RPC, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';

/**
 * Sends a request on the current channel of the call's client; returns undefined if there is none
 * at the moment.
 */
export type SendInputRequest = (request: RpcRequest) => Channel | undefined;

interface OpenInputRequest {
  readonly ask: InputRequest;
  readonly answer: Promise<InputResponse>;
  settle(answer: InputResponse): void;
  send: SendInputRequest;
  /** Channel that it was sent on last. */
  channel?: Channel | undefined;
}

/**
 * Input requests to the client of one session, and their answers. The JSON-RPC ID is the signed ID
 * of the input request, so that any process accepts the answer.
 */
export class LegacyInputRequests {
  readonly #openRequests = new Map<string, OpenInputRequest>();

  constructor(private readonly seal: SessionSigner) {}

  get size(): number {
    return this.#openRequests.size;
  }

  /**
   * Sends an input request, now or as soon as there is a channel. A repeated one is sent once.
   * Rejects when `signal` fires.
   */
  put(ask: InputRequest, send: SendInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const existing = this.#openRequests.get(ask.askId);
    if (existing) {
      existing.send = send;
      this.#send(existing);
      return existing.answer;
    }
    let settle: (answer: InputResponse) => void = () => undefined;
    const answer = new Promise<InputResponse>((resolve, reject) => {
      settle = resolve;
      const giveUp = () => reject(new Error('no one is waiting for the answer anymore'));
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
    const open: OpenInputRequest = { ask, answer, settle, send };
    this.#openRequests.set(ask.askId, open);
    const late = setTimeout(() => settle(TIMED_OUT), ask.createdAtMs + ask.timeoutMs - Date.now());
    answer
      .then(
        (given) => given === TIMED_OUT && this.#withdraw(open),
        () => this.#withdraw(open),
      )
      .finally(() => {
        clearTimeout(late);
        this.#openRequests.delete(ask.askId);
      });
    this.#send(open);
    return answer;
  }

  /**
   * Accepts an answer of the client. Returns it if another process waits for it; an answer to no
   * request is ignored.
   */
  answer(response: RpcResponse): { askId: string; answer: InputResponse } | undefined {
    const askId = typeof response.id === 'string' ? this.seal.open(response.id) : undefined;
    if (askId === undefined) return undefined;
    const answer = 'result' in response ? { result: response.result } : { error: response.error };
    const open = this.#openRequests.get(askId);
    if (!open) return { askId, answer };
    open.settle(answer);
    return undefined;
  }

  /**
   * Sends open requests again on a new channel if their channel is lost, unless the client has
   * received them.
   */
  deliver(channel: Channel, received?: { callId: string; asked: number }): void {
    for (const open of this.#openRequests.values()) {
      const { callId, askId } = open.ask;
      const had = received?.callId === callId && numberOf(askId) <= received.asked;
      if (had) open.channel = channel;
      else if (!isOpen(open.channel)) this.#send(open);
    }
  }

  #send(open: OpenInputRequest): void {
    if (isOpen(open.channel)) return;
    const { askId, method, params } = open.ask;
    const id = this.seal.seal(askId);
    open.channel = open.send({ jsonrpc: '2.0', id, method, params });
  }

  #withdraw({ ask, channel }: OpenInputRequest): void {
    if (!isOpen(channel)) return;
    const requestId = this.seal.seal(ask.askId);
    const params = { requestId, reason: 'The call has ended, or no one answered in time' };
    channel.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
  }
}

const TIMED_OUT: InputResponse = {
  error: { code: RPC.requestTimeout, message: 'The client did not answer in time' },
};

export const numberOf = (askId: string) => parseInputRequestId(askId)?.number ?? 0;
