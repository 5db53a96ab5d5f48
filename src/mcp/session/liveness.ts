import { setTimeout as delay } from 'node:timers/promises';
import { type Client, ProtocolError } from '@modelcontextprotocol/client';
import { ANY_RESULT } from '../lists/listing';

/** A ping without an answer is followed by another question after this part of its time: the answer to that is not late then. */
const PATIENCE_PART = 1 / 4;

/**
 * Whether a server answers at all. Some leave `ping` unanswered, or refuse it over HTTP, and do all else: they are asked for their
 * tools instead, from then on.
 */
export class Liveness {
  #ignoresPing = false;

  /** Told once, when a server is found not to answer pings. */
  onPingIgnored: () => void = () => undefined;

  constructor(private readonly client: Client) {}

  /** Resolves with the milliseconds that an answer took; rejects as the ping did. */
  async ask(timeoutMs: number): Promise<number> {
    const startedAt = performance.now();
    if (this.#ignoresPing) await this.#list(timeoutMs);
    else await this.#pingOrList(timeoutMs);
    return performance.now() - startedAt;
  }

  async #pingOrList(timeoutMs: number): Promise<void> {
    const ping = this.#ping(timeoutMs);
    const patience = new AbortController();
    const patienceMs = timeoutMs * PATIENCE_PART;
    const waited = delay(patienceMs, undefined, { signal: patience.signal, ref: false });
    const isAnswered = await Promise.race([ping.then(() => true), waited.then(() => false)]).catch(
      () => false,
    );
    patience.abort();
    if (isAnswered) return;
    const list = this.#list(timeoutMs - patienceMs).then(() => 'list');
    const first = await Promise.any([ping.then(() => 'ping'), list]).catch(() => ping);
    if (first !== 'list') return;
    this.#ignoresPing = true;
    this.onPingIgnored();
  }

  /** The modern era has no ping; every server must answer this. */
  #ping(timeoutMs: number): Promise<void> {
    const { client } = this;
    const limits = { timeout: timeoutMs, maxTotalTimeout: timeoutMs };
    return client.getProtocolEra() === 'modern'
      ? answered(client.discover(limits))
      : answered(client.request({ method: 'ping' }, ANY_RESULT, limits));
  }

  #list(timeoutMs: number): Promise<void> {
    const limits = { timeout: timeoutMs, maxTotalTimeout: timeoutMs };
    return answered(this.client.request({ method: 'tools/list' }, ANY_RESULT, limits));
  }
}

/** That it answers is all that is asked: with what more, or with which error, is not. */
async function answered(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof ProtocolError)) throw error;
  });
}
