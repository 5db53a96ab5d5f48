import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { parseInputRequestId } from '../../domain/names';
import { type Channel, isOpen } from './channel';
import { type SessionSigner } from './session-signer';
import { RPC, type RpcRequest, type RpcResponse } from '../../base/jsonrpc';

/** Sends on the way that the call has to its client now; undefined when there is none at the moment. */
export type SendInputRequest = (request: RpcRequest) => Channel | undefined;

interface OpenInputRequest {
  readonly ask: InputRequest;
  readonly answer: Promise<InputResponse>;
  settle(answer: InputResponse): void;
  send: SendInputRequest;
  /** Where it was sent last. */
  channel?: Channel | undefined;
}

/**
 * What servers ask the client of one session, and its answers. The id of the JSON-RPC request is that of the ask, sealed, so that
 * the answer counts whichever process it comes to.
 */
export class LegacyInputRequests {
  readonly #open = new Map<string, OpenInputRequest>();

  constructor(private readonly seal: SessionSigner) {}

  get size(): number {
    return this.#open.size;
  }

  /** Asks, now or as soon as there is a way. The same one again is asked once. Rejects when `signal` fires. */
  put(ask: InputRequest, send: SendInputRequest, signal: AbortSignal): Promise<InputResponse> {
    const known = this.#open.get(ask.askId);
    if (known) {
      known.send = send;
      this.#send(known);
      return known.answer;
    }
    let settle: (answer: InputResponse) => void = () => undefined;
    const answer = new Promise<InputResponse>((resolve, reject) => {
      settle = resolve;
      const giveUp = () => reject(new Error('no one is waiting for the answer anymore'));
      if (signal.aborted) giveUp();
      else signal.addEventListener('abort', giveUp, { once: true });
    });
    const open: OpenInputRequest = { ask, answer, settle, send };
    this.#open.set(ask.askId, open);
    const late = setTimeout(() => settle(TIMED_OUT), ask.createdAtMs + ask.timeoutMs - Date.now());
    answer
      .then(
        (given) => given === TIMED_OUT && this.#takeBack(open),
        () => this.#takeBack(open),
      )
      .finally(() => {
        clearTimeout(late);
        this.#open.delete(ask.askId);
      });
    this.#send(open);
    return answer;
  }

  /** Takes an answer of the client. Returns it when somebody else waits for it; what was never asked is nothing. */
  answer(response: RpcResponse): { askId: string; answer: InputResponse } | undefined {
    const askId = typeof response.id === 'string' ? this.seal.open(response.id) : undefined;
    if (askId === undefined) return undefined;
    const answer = 'result' in response ? { result: response.result } : { error: response.error };
    const open = this.#open.get(askId);
    if (!open) return { askId, answer };
    open.settle(answer);
    return undefined;
  }

  /** The client has a new way: what was lost with the old one is asked again, unless it says that it had it. */
  deliver(channel: Channel, received?: { callId: string; asked: number }): void {
    for (const open of this.#open.values()) {
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

  #takeBack({ ask, channel }: OpenInputRequest): void {
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
