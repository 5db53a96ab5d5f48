import { ApplicationFailure, Context } from '@temporalio/activity';
import { type Client } from '@temporalio/client';
import { type Finding } from '../../activities/server/session-isolation';
import { type HostActivities } from '../../src/domain/activity-types';
import { type ProgramInstalled } from '../../src/domain/programs/installs';
import {
  type SessionExited,
  type SessionInput,
  type SessionReady,
} from '../../src/domain/entity/session';
import {
  sessionBackoffSignal,
  sessionFindingSignal,
  sessionMovedSignal,
  sessionReadySignal,
} from '../../workflows/messages';
import { CRASHED, readyOf } from '../domain/samples';
import { type Owner } from '../../src/domain/entity/owner';

const HEARTBEAT_MS = 200;

/** What a session does when it has begun; by default it is ready. */
export type Behaviour = (session: FakeSession) => void | Promise<void>;

/** One attempt of `runServer` that lives until it is cancelled or told to fail. */
export class FakeSession {
  readonly generation: number;
  readonly failed: Promise<never>;
  /** A child that takes its time to end; the session is over only then. */
  ending: Promise<void> = Promise.resolve();
  #fail: (why: Error) => void = () => undefined;

  constructor(
    readonly input: SessionInput,
    readonly epoch: number,
    private readonly client: Client,
  ) {
    this.generation = input.generation;
    this.failed = new Promise((_resolve, reject) => (this.#fail = reject));
    this.failed.catch(() => undefined); // a session that is cancelled never looks at it
  }

  get owner(): Owner {
    const { generation, epoch, replica } = this;
    const number = replica > 0 && { replica };
    return { generation, epoch, host: `host-${epoch}`, hostPid: 1_000 + epoch, ...number };
  }

  /** 0 for the first session of a generation. */
  get replica(): number {
    return this.input.replica ?? 0;
  }

  async ready(over: Partial<SessionReady> = {}): Promise<void> {
    const { version = 0 } = this.input.isolation ?? {};
    const told = version > 0 && { isolationVersion: version };
    const report = readyOf(this.generation, { ...this.owner, ...told, ...over });
    await this.#entity.signal(sessionReadySignal, report);
  }

  async found(finding: Finding): Promise<void> {
    await this.#entity.signal(sessionFindingSignal, { ...this.owner, ...finding });
  }

  async backoff(delayMs = 0): Promise<void> {
    const report = { ...this.owner, restarts: 1, error: CRASHED, delayMs };
    await this.#entity.signal(sessionBackoffSignal, report);
  }

  async moved(phase: 'moving' | 'taken', reason: string): Promise<void> {
    await this.#entity.signal(sessionMovedSignal, { ...this.owner, phase, reason });
  }

  /** Ends as a server does that cannot be kept up. */
  exit(kind: Exclude<SessionExited['kind'], 'stopped' | 'gone'>): void {
    const { code, message, fix } = CRASHED;
    const details = [kind, fix];
    this.#fail(ApplicationFailure.create({ message, type: code, nonRetryable: true, details }));
  }

  /** Gives the session up, so that Temporal hands it to another host. */
  drain(): void {
    const message = `host ${this.owner.host} is draining`;
    this.#fail(ApplicationFailure.create({ message, type: 'HOST_LOST', nextRetryDelay: '1 ms' }));
  }

  get #entity() {
    return this.client.workflow.getHandle(this.input.entityId);
  }
}

export function installedAs(version: string): ProgramInstalled {
  const pin = { name: 'thing', version, integrity: `sha512-${version}`, allowScripts: [] };
  return { pin, blockedScripts: [], reused: false, host: 'host-1', logFile: '/logs/thing.log' };
}

/** Stands for all hosts: runs sessions of any server and does with each what the test said. */
export class FakeHost {
  readonly sessions: FakeSession[] = [];
  /** Servers whose program was installed, as often as that was tried. */
  readonly installed: string[] = [];
  readonly #behaviours = new Map<string, Behaviour>();
  readonly #installs = new Map<string, HostActivities['installProgram']>();
  readonly #validations = new Map<string, HostActivities['validateServer']>();

  constructor(private readonly client: Client) {}

  behave(server: string, behaviour: Behaviour): void {
    this.#behaviours.set(server, behaviour);
  }

  of(server: string): FakeSession[] {
    return this.sessions.filter(({ input }) => input.name === server);
  }

  /** What installing and trying out the program of a server does; by default it is there at once, and good. */
  install(server: string, act: HostActivities['installProgram']): void {
    this.#installs.set(server, act);
  }

  validate(server: string, act: HostActivities['validateServer']): void {
    this.#validations.set(server, act);
  }

  readonly activities: HostActivities = {
    installProgram: async (input) => {
      const { name } = input.signed.spec;
      this.installed.push(name);
      return (this.#installs.get(name) ?? (async () => installedAs('1.0.0')))(input);
    },
    validateServer: async (input) => {
      const { name } = input.signed.spec;
      const passes = async () => ({
        ...{ server: name, passed: true, startedAtMs: 0, durationMs: 0, checks: [] },
      });
      return (this.#validations.get(name) ?? passes)(input);
    },
    latestVersion: async () => '2.0.0',
    runServer: async (input) => {
      const context = Context.current();
      const session = new FakeSession(input, context.info.attempt, this.client);
      this.sessions.push(session);
      const timer = setInterval(() => context.heartbeat(session.owner), HEARTBEAT_MS);
      try {
        const behave = this.#behaviours.get(input.name) ?? ((begun) => begun.ready());
        const begun = Promise.resolve(behave(session)).then(
          () => new Promise<never>(() => undefined),
        );
        await Promise.race([begun, context.cancelled, session.failed]);
      } finally {
        await session.ending;
        clearInterval(timer);
      }
    },
  };
}
