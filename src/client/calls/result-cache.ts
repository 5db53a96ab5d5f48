/** Bytes of all results that one process keeps. */
const RESULT_CACHE_BYTES = 64 * 1024 * 1024;

/** Version that a result is good for: a server with other tools or another spec may answer otherwise. */
export interface ResultVersion {
  /** Undefined while the server is unavailable: then the last known version counts. */
  toolsHash: string | undefined;
  /** Signature of the spec. */
  signature: string;
}

export interface KeptResult {
  server: string;
  /** The MCP result as JSON. */
  text: string;
  version: ResultVersion;
  /** Time at which it was stored, on the clock that `get` is called with. */
  keptAtMs: number;
  ttlMs: number;
}

/** Approximate cost of an entry besides its text, in bytes. */
const ENTRY_BYTES = 400;

/** Results of calls by key, within a bound of bytes in all and another one for each server; the least recently used goes first. */
export class ResultCache {
  /** All results, least recently used first. */
  readonly #all = new Map<string, KeptResult>();
  readonly #servers = new Map<string, { keys: Set<string>; bytes: number }>();
  #bytes = 0;

  constructor(private readonly maxBytes = RESULT_CACHE_BYTES) {}

  get bytes(): number {
    return this.#bytes;
  }

  /** Returns a result; undefined also for one that is too old, or of another version of its server. */
  get(key: string, version: ResultVersion, nowMs: number): KeptResult | undefined {
    const kept = this.#all.get(key);
    if (!kept) return undefined;
    this.#remove(key, kept);
    if (nowMs - kept.keptAtMs >= kept.ttlMs || !isSame(kept.version, version)) return undefined;
    this.#add(key, kept);
    return kept;
  }

  /** @param serverBytes - what the results of its server may take in all */
  put(key: string, kept: KeptResult, serverBytes = this.maxBytes): void {
    const before = this.#all.get(key);
    if (before) this.#remove(key, before);
    const bytes = bytesOf(kept);
    if (bytes > Math.min(serverBytes, this.maxBytes)) return;
    this.#add(key, kept);
    const server = this.#servers.get(kept.server);
    while (server && server.bytes > serverBytes) this.#removeFirst(server.keys);
    while (this.#bytes > this.maxBytes) this.#removeFirst(this.#all.keys());
  }

  #add(key: string, kept: KeptResult): void {
    const bytes = bytesOf(kept);
    const server = this.#servers.get(kept.server) ?? { keys: new Set(), bytes: 0 };
    server.keys.add(key);
    server.bytes += bytes;
    this.#servers.set(kept.server, server);
    this.#all.set(key, kept);
    this.#bytes += bytes;
  }

  #remove(key: string, kept: KeptResult): void {
    const bytes = bytesOf(kept);
    this.#all.delete(key);
    this.#bytes -= bytes;
    const server = this.#servers.get(kept.server);
    if (!server) return;
    server.keys.delete(key);
    server.bytes -= bytes;
    if (server.keys.size === 0) this.#servers.delete(kept.server);
  }

  #removeFirst(keys: Iterable<string>): void {
    for (const key of keys) {
      const kept = this.#all.get(key);
      if (kept) this.#remove(key, kept);
      return;
    }
  }
}

/** A string takes two bytes for each character unless all are Latin. */
const bytesOf = ({ text }: KeptResult) => Buffer.byteLength(text) + ENTRY_BYTES;

function isSame(kept: ResultVersion, now: ResultVersion): boolean {
  if (kept.signature !== now.signature) return false;
  return now.toolsHash === undefined || kept.toolsHash === now.toolsHash;
}
