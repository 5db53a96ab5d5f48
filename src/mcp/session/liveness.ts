import { setTimeout as delay } from 'node:timers/promises';
import { type Client, ProtocolError } from '@modelcontextprotocol/client';
import { ANY_RESULT } from '../lists/listing';

/**
 * Part of the timeout after which an unanswered ping is followed by another request, whose answer
 * then still comes in time.
 */
const PATIENCE_PART = 1 / 4;

/**
 * Checks whether a server responds. Some servers leave `ping` unanswered, or refuse it over HTTP,
 * and do everything else: from then on `tools/list` is used instead.
 */
export class Liveness {
  #ignoresPing = false;

  /** Called once, when a server is found to ignore pings. */
  onPingIgnored: () => void = () => undefined;

  constructor(private readonly client: Client) {}

  /** Resolves with the response time in milliseconds; rejects with the error of the ping. */
  async check(timeoutMs: number): Promise<number> {
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

  /** The modern era has no ping; every server must answer this request. */
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

/** Any answer counts, even an error. */
async function answered(answer: Promise<unknown>): Promise<void> {
  await answer.catch((error: unknown) => {
    if (!(error instanceof ProtocolError)) throw error;
  });
}
