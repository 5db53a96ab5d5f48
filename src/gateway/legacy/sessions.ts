import { randomBytes } from 'node:crypto';
import { MainspringError } from '../../base/errors';
import { type GatewaySession } from '../../domain/endpoint/gateway-session';
import { type GatewaySessionStore } from '../../store/store';
import { type Identity } from '../http/contract';
import { overLimit } from '../over-limit';
import { LiveSession } from './live-session';
import { scopeText } from '../endpoint/scope-text';

/** Idle time after which a session of a legacy client ends. */
const SESSION_IDLE_TTL_MS = 24 * 3_600_000;
/**
 * Minimum interval between writes of a session's last use, and interval of the search for expired
 * sessions.
 */
const SESSION_SEEN_MS = 60_000;
/**
 * Age after which a session in memory is compared with the store before it is used. A session in
 * which nothing is in progress stays in memory for as long: its client's next request then costs no
 * query.
 */
const SESSION_MAX_AGE_MS = 1_000;
/**
 * Time for which a session's data stays in memory after its last stream broke, so that the client
 * can reconnect.
 */
const SESSION_LINGER_MS = 60_000;

export interface SessionTimes {
  idleTtlMs?: number;
  lingerMs?: number;
  /** Interval of the search for expired sessions. */
  sweepMs?: number;
  /** Interval of keep-alive notifications to a client whose call makes no progress. */
  progressMs?: number;
}

/** Data of a client from `initialize`. */
export type SessionOpening = Pick<
  GatewaySession,
  'protocolVersion' | 'clientInfo' | 'capabilities'
>;

const ID_BYTES = 24;

export const newSessionId = () => randomBytes(ID_BYTES).toString('base64url');

/**
 * Sessions of legacy clients. They are in the store, so that every process of the gateway knows
 * them; only those with a stream, a request in progress or an open input request are in memory, and
 * those that were used a moment ago.
 */
export class Sessions {
  readonly #live = new Map<string, LiveSession>();
  readonly #sweeper: NodeJS.Timeout;
  readonly #idleTtlMs: number;
  readonly #lingerMs: number;

  constructor(
    private readonly store: GatewaySessionStore,
    private readonly key: Buffer,
    private readonly times: SessionTimes = {},
  ) {
    const { idleTtlMs = SESSION_IDLE_TTL_MS, lingerMs = SESSION_LINGER_MS } = times;
    this.#idleTtlMs = idleTtlMs;
    this.#lingerMs = lingerMs;
    const sweep = () => void this.sweep().catch(() => undefined); // the next sweep tries again
    this.#sweeper = setInterval(sweep, times.sweepMs ?? SESSION_SEEN_MS).unref();
  }

  /** Sessions in memory. */
  get live(): readonly LiveSession[] {
    return [...this.#live.values()];
  }

  /**
   * Creates a session. The number per principal is limited: the least recently used one is removed.
   *
   * @throws MainspringError GATEWAY_BUSY when all of them are in use
   */
  async create(
    { principal, scope, limits }: Identity,
    opening: SessionOpening,
    id = newSessionId(),
  ): Promise<LiveSession> {
    await this.#evictIdle(principal, limits.sessions);
    const now = Date.now();
    const record: GatewaySession = {
      id,
      principal,
      scope: scopeText(scope),
      ...opening,
      subscriptions: [],
      createdAtMs: now,
      seenAtMs: now,
    };
    await this.store.add(record);
    return this.#keep(record);
  }

  /**
   * Finds a session, even if another process opened it. The caller must `release` it.
   *
   * @throws MainspringError UNKNOWN_SESSION when there is none, or it belongs to another principal
   * or endpoint
   */
  async find(id: string, { principal, scope }: Identity): Promise<LiveSession> {
    const session = this.#recent(id) ?? (await this.restore(id));
    const isOwner =
      session?.record.principal === principal && session.record.scope === scopeText(scope);
    if (isOwner) return session;
    if (session) this.release(session);
    throw new MainspringError('UNKNOWN_SESSION', 'This session does not exist or has ended.');
  }

  /** Returns the session with this ID, without a check of its owner. */
  async restore(id: string): Promise<LiveSession | undefined> {
    const recent = this.#recent(id);
    if (recent) return recent;
    const record = await this.store.get(id);
    const live = this.#live.get(id); // another request may have been faster
    if (!record || Date.now() - record.seenAtMs > this.#idleTtlMs) {
      if (live) this.#drop(live);
      return undefined;
    }
    if (!live) return this.#touch(this.#keep(record));
    Object.assign(live, { record, readAtMs: Date.now() });
    return this.#touch(live);
  }

  /** Returns a session that need not be compared with the store now. */
  #recent(id: string): LiveSession | undefined {
    const cached = this.#live.get(id);
    return cached && isRecent(cached) ? cached : undefined;
  }

  /** Changes the stored record of a session. */
  async modify(
    session: LiveSession,
    change: (record: GatewaySession) => GatewaySession,
  ): Promise<void> {
    const record = (await this.store.get(session.record.id)) ?? session.record;
    session.record = change(record);
    await this.store.update(session.record);
  }

  async remove(session: LiveSession): Promise<void> {
    this.#drop(session);
    await this.store.remove(session.record.id);
  }

  /** Drops the session from memory if nothing is in progress, and it was not read just now. */
  release(session: LiveSession): void {
    if (session.isIdle(this.#lingerMs) && !isRecent(session)) this.#drop(session);
  }

  /** Ends expired sessions, here and in the store. */
  async sweep(): Promise<void> {
    for (const session of this.#live.values()) this.release(session);
    const now = Date.now();
    await this.store.touch([...this.#live.keys()], now);
    await this.store.removeUnseenSince(now - this.#idleTtlMs);
  }

  /**
   * Drops the sessions of principals that are no longer admitted from memory; their calls continue.
   */
  dismiss(isKnown: (who: Pick<Identity, 'principal' | 'scope'>) => boolean): void {
    for (const session of this.#live.values()) {
      const { scope, record } = session;
      if (!isKnown({ principal: record.principal, scope })) this.#drop(session, 'elsewhere');
    }
  }

  close(): void {
    clearInterval(this.#sweeper);
    for (const session of this.#live.values()) this.#drop(session, 'elsewhere');
  }

  #keep(record: GatewaySession): LiveSession {
    const session = new LiveSession(record, this.key, this.times.progressMs);
    this.#live.set(record.id, session);
    return session;
  }

  #drop(session: LiveSession, how: 'over' | 'elsewhere' = 'over'): void {
    if (this.#live.get(session.record.id) === session) this.#live.delete(session.record.id);
    session.end(how);
  }

  #touch(session: LiveSession): LiveSession {
    const now = Date.now();
    if (now - session.record.seenAtMs > SESSION_SEEN_MS) {
      session.record = { ...session.record, seenAtMs: now };
      this.store.touch([session.record.id], now).catch(() => undefined); // the next use writes it
    }
    return session;
  }

  async #evictIdle(principal: string, limit: number): Promise<void> {
    const taken = await this.store.count(principal);
    const excess = taken - limit + 1;
    if (excess <= 0) return;
    const oldest = await this.store.oldest(principal, this.#live.size + excess);
    const idle = oldest.filter((id) => this.#isIdle(id)).slice(0, excess);
    if (idle.length < excess) {
      const words = 'sessions in use';
      throw overLimit({ principal, words, taken, limit: 'sessions', allowed: limit });
    }
    for (const id of idle) {
      const live = this.#live.get(id);
      if (live) this.#drop(live);
      await this.store.remove(id);
    }
  }

  #isIdle(id: string): boolean {
    return this.#live.get(id)?.isIdle(this.#lingerMs) ?? true;
  }
}

const isRecent = ({ readAtMs }: LiveSession) => Date.now() - readAtMs < SESSION_MAX_AGE_MS;
