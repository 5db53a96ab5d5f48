import { type CallOutcome } from '../../domain/calls/calls';
import { canonicalJson } from '../../base/canonical-json';
import { type CacheSpec } from '../../domain/spec';
import { type KeptResult, ResultCache, type ResultVersion } from './result-cache';
import { machineClock } from '../../base/machine-clock';
import { isJsonObject, type JsonObject } from '../../base/json';
import { sha256 } from '../../base/sha256';

/** Member of a result's `_meta` which says that the result came from the cache. */
const CACHE_META = 'mainspring/cache';

/** Call of a tool whose results may be cached. */
export interface CacheUse {
  server: string;
  tool: string;
  args: JsonObject;
  principal: string;
  policy: CacheSpec;
  version: ResultVersion;
  signal: AbortSignal | undefined;
}

const now = machineClock();
/** Clock of the cache: a result ages while this machine sleeps, too. */
const passedMs = () => now().passedMs;

/** Result from the cache, or the outcome of the call that was made for it. */
export type CacheEnd = { hit: JsonObject } | { outcome: CallOutcome };

/** Returns results that are cached, and lets equal calls that come together share one. */
export class CachedCalls {
  readonly #flights = new Map<string, Promise<KeptResult | undefined>>();

  constructor(private readonly results = new ResultCache()) {}

  /** @param call - makes the call when its result is not known; `hasWaited` for an equal one that came to nothing */
  async run(use: CacheUse, call: (hasWaited: boolean) => Promise<CallOutcome>): Promise<CacheEnd> {
    const key = cacheKey(use);
    const kept = this.results.get(key, use.version, passedMs());
    if (kept) return { hit: resultOf(kept) };
    const flight = this.#flights.get(key);
    if (!flight) return { outcome: await this.#lead(key, use, () => call(false)) };
    const shared = await unlessAborted(flight, use.signal);
    // What failed for another caller, who may have cancelled it, says nothing to this one.
    return shared ? { hit: resultOf(shared) } : { outcome: await call(true) };
  }

  async #lead(key: string, use: CacheUse, call: () => Promise<CallOutcome>): Promise<CallOutcome> {
    let land: (kept: KeptResult | undefined) => void = () => undefined;
    this.#flights.set(key, new Promise((resolve) => (land = resolve)));
    let kept: KeptResult | undefined;
    try {
      const outcome = await call();
      kept = keepable(use, outcome);
      if (kept) this.results.put(key, kept, use.policy.maxBytes);
      return outcome;
    } finally {
      this.#flights.delete(key);
      land(kept);
    }
  }
}

/** Returns the key of a call. Equal calls have equal keys; those of different callers only where the results are for all. */
export function cacheKey({ server, tool, args, principal, policy }: CacheUse): string {
  const whose = policy.perCaller ? [principal] : [];
  const text = canonicalJson([server, tool, args, ...whose]);
  return sha256(text);
}

function keepable(
  { server, policy, version }: CacheUse,
  { outcome, result }: CallOutcome,
): KeptResult | undefined {
  if (outcome !== 'ok' || !result || version.toolsHash === undefined) return undefined;
  // 2026-07-28: what the server says about its own results takes precedence over the spec.
  const { cacheScope, ttlMs } = result;
  if (cacheScope === 'private' && !policy.perCaller) return undefined;
  return {
    server,
    version,
    text: JSON.stringify(result),
    keptAtMs: passedMs(),
    ttlMs: typeof ttlMs === 'number' ? Math.min(ttlMs, policy.ttlMs) : policy.ttlMs,
  };
}

function resultOf({ text, keptAtMs }: KeptResult): JsonObject {
  const result = JSON.parse(text) as JsonObject;
  const { _meta: meta } = result;
  const ageMs = Math.round(passedMs() - keptAtMs);
  return {
    ...result,
    _meta: { ...(isJsonObject(meta) && meta), [CACHE_META]: { hit: true, ageMs } },
  };
}

async function unlessAborted<Value>(
  value: Promise<Value>,
  signal: AbortSignal | undefined,
): Promise<Value | undefined> {
  if (!signal) return value;
  if (signal.aborted) return undefined;
  return new Promise((resolve) => {
    const giveUp = () => resolve(undefined);
    signal.addEventListener('abort', giveUp, { once: true });
    void value.then((settled) => {
      signal.removeEventListener('abort', giveUp);
      resolve(settled);
    });
  });
}
