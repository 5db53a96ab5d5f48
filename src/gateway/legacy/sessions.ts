import { randomBytes } from 'node:crypto';
import { MainspringError } from '../../base/errors';
import { type GatewaySession } from '../../domain/endpoint/gateway-session';
import { type GatewaySessions } from '../../store/store';
import { type Identity } from '../http/contract';
import { overLimit } from '../over-limit';
import { LiveSession } from './live-session';
import { scopeText } from '../endpoint/scope-text';

/** A session of a legacy client that nobody has used for this long is over. */
const SESSION_IDLE_TTL_MS = 24 * 3_600_000;
/** The last use of a session is written this often at most, and sessions that are over are looked for. */
const SESSION_SEEN_MS = 60_000;
/** A session in memory is compared with the store before it is used when that was longer ago than this. */
const SESSION_MAX_AGE_MS = 1_000;
/** What a session has in memory stays this long after its last stream broke, for the client to come back. */
const SESSION_LINGER_MS = 60_000;

export interface SessionTimes {
  idleTtlMs?: number;
  lingerMs?: number;
  /** Between two looks for sessions that are over. */
  sweepMs?: number;
  /** Between two signs of life to a client whose call does not move. */
  progressMs?: number;
}

/** What a client says of itself in `initialize`. */
export type SessionOpening = Pick<
  GatewaySession,
  'protocolVersion' | 'clientInfo' | 'capabilities'
>;

const ID_BYTES = 24;

export const newSessionId = () => randomBytes(ID_BYTES).toString('base64url');

/**
 * The sessions of legacy clients. They are in the store, so that every process of the gateway knows them; in memory are only those
 * with a stream, a request under way or something asked.
 */
export class Sessions {
  readonly #live = new Map<string, LiveSession>();
  readonly #sweeper: NodeJS.Timeout;
  readonly #idleTtlMs: number;
  readonly #lingerMs: number;

  constructor(
    private readonly store: GatewaySessions,
    private readonly key: Buffer,
    private readonly times: SessionTimes = {},
  ) {
    const { idleTtlMs = SESSION_IDLE_TTL_MS, lingerMs = SESSION_LINGER_MS } = times;
    this.#idleTtlMs = idleTtlMs;
    this.#lingerMs = lingerMs;
    const sweep = () => void this.sweep().catch(() => undefined); // the next one does it
    this.#sweeper = setInterval(sweep, times.sweepMs ?? SESSION_SEEN_MS).unref();
  }

  /** Those in memory. */
  get live(): readonly LiveSession[] {
    return [...this.#live.values()];
  }

  /**
   * A new session. One principal has a limited number: the one not used for longest goes.
   *
   * @throws MainspringError GATEWAY_BUSY when all of them are in use
   */
  async create(
    { principal, scope, limits }: Identity,
    opening: SessionOpening,
    id = newSessionId(),
  ): Promise<LiveSession> {
    await this.#makeRoom(principal, limits.sessions);
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
   * The session, also when another process has opened it. Whoever got it gives it back by `release`.
   *
   * @throws MainspringError UNKNOWN_SESSION when there is none, or it is somebody else's or of another endpoint
   */
  async find(id: string, { principal, scope }: Identity): Promise<LiveSession> {
    const session = await this.restore(id);
    const isTheirs =
      session?.record.principal === principal && session.record.scope === scopeText(scope);
    if (isTheirs) return session;
    if (session) this.release(session);
    throw new MainspringError('UNKNOWN_SESSION', 'This session does not exist or has ended.');
  }

  /** The session with this id, whoever asks. */
  async restore(id: string): Promise<LiveSession | undefined> {
    const known = this.#live.get(id);
    if (known && Date.now() - known.readAtMs < SESSION_MAX_AGE_MS) return known;
    const record = await this.store.get(id);
    const live = this.#live.get(id); // another request may have been faster
    if (!record || Date.now() - record.seenAtMs > this.#idleTtlMs) {
      if (live) this.#drop(live);
      return undefined;
    }
    if (!live) return this.#seen(this.#keep(record));
    Object.assign(live, { record, readAtMs: Date.now() });
    return this.#seen(live);
  }

  /** Changes what is stored of a session. */
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

  /** Forgets what is in memory when nothing goes on. */
  release(session: LiveSession): void {
    if (session.isIdle(this.#lingerMs)) this.#drop(session);
  }

  /** Ends what nobody has used for long, here and in the store. */
  async sweep(): Promise<void> {
    for (const session of this.#live.values()) this.release(session);
    const now = Date.now();
    await this.store.touch([...this.#live.keys()], now);
    await this.store.removeUnseenSince(now - this.#idleTtlMs);
  }

  /** Keeps nothing in memory of those whom nobody may use any more; what they have started goes on. */
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

  #seen(session: LiveSession): LiveSession {
    const now = Date.now();
    if (now - session.record.seenAtMs > SESSION_SEEN_MS) {
      session.record = { ...session.record, seenAtMs: now };
      this.store.touch([session.record.id], now).catch(() => undefined); // the next use writes it
    }
    return session;
  }

  async #makeRoom(principal: string, limit: number): Promise<void> {
    const taken = await this.store.count(principal);
    const excess = taken - limit + 1;
    if (excess <= 0) return;
    const oldest = await this.store.oldest(principal, this.#live.size + excess);
    const idle = oldest.filter((id) => !this.#live.has(id)).slice(0, excess);
    if (idle.length < excess) {
      const words = 'sessions in use';
      throw overLimit({ principal, words, taken, limit: 'sessions', allowed: limit });
    }
    for (const id of idle) await this.store.remove(id);
  }
}
