import { type EntityState, newEntity } from '../../../src/domain/entity/entity';
import {
  childReplaceRequested,
  removeRequested,
  replaceRequested,
  specLoaded,
  startRequested,
  stopRequested,
  wakeRequested,
} from '../../../src/domain/entity/entity-commands';
import { noted } from '../../../src/domain/entity/entity-events';
import {
  sessionBackoff,
  sessionCancelled,
  sessionExited,
  sessionHealth,
  sessionMoved,
  sessionReady,
  sessionStarted,
} from '../../../src/domain/entity/entity-session';
import { nextStep } from '../../../src/domain/entity/entity-step';
import {
  commandOf,
  ordered,
  ownerNotified,
  quarantineExpired,
  sessionFound,
} from '../../../src/domain/entity/entity-isolation';
import {
  readyReplicas,
  replicasCancelled,
  replicaStarted,
} from '../../../src/domain/entity/entity-replicas';
import {
  installDropped,
  installEnded,
  installStarted,
} from '../../../src/domain/entity/entity-install';
import { programOfSpec } from '../../../src/domain/programs/installs';
import { needsInstall } from '../../../src/domain/programs/programs';
import { type IsolationOrder, type SessionFinding } from '../../../src/domain/isolation/isolation';
import { type StdioSpec } from '../../../src/domain/spec';
import { permission } from '../../../src/domain/entity/entity-permission';
import { type ServerCommand } from '../../../src/domain/states';
import {
  CRASHED,
  ownerOf,
  pinnedSpec,
  programSpec,
  readyOf,
  restartPolicy,
  signedSpec,
} from '../samples';

const PIN = { name: 'thing', version: '1.0.0', integrity: 'sha512-x', allowScripts: [] };
const ANNA = { actor: 'anna' };
const WALKS = 1_000;
const STEPS = 60;
/** Enough for: cancel, exits, install, starts, ready, telling owners. */
const STEPS_TO_SETTLE = 40;
const EXIT_KINDS = ['stopped', 'failed', 'crash-loop', 'completed', 'gone'] as const;

/** Mulberry32: the same seed gives the same walk. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** An entity and the sessions that really exist, which tell the truth late, twice or never. */
class World {
  entity: EntityState;
  nowMs = 1_000;
  finished = false;
  readonly #random: () => number;
  /** Sessions, as `<generation>.<replica>`. */
  readonly #alive = new Set<string>();
  readonly #cancelled = new Set<string>();
  readonly #ids = new Set<string>();
  readonly #spec: Partial<StdioSpec>;
  #installs = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    const replicas = seed % 3 === 0 && { replicas: 3 };
    const activation = seed % 5 === 0 && { activation: 'on-demand' as const };
    this.#spec = { restart: restartPolicy(), ...replicas, ...activation };
    this.entity = newEntity('files', signedSpec(this.#spec), 'run', this.nowMs);
  }

  /** One thing that may happen next. */
  happen(): void {
    this.nowMs += this.#below(400);
    const things = [
      () => this.step(),
      () => this.step(),
      () => this.#command(),
      () => this.#report(this.#anyGeneration(), this.#below(4)),
      () => this.#report(this.entity.generation, 1 + this.#below(3)),
      () => this.#endSession(),
      () => this.#repeatExit(),
      () => this.#order(),
      () => this.#finding(),
      () => this.#endInstall(`i${this.#below(this.#installs + 1)}`, this.#below(2) === 0),
    ];
    things[this.#below(things.length)]?.();
    this.#writeSomeEvents();
  }

  /** What the workflow's main loop does. */
  step(): void {
    const step = nextStep(this.entity, this.nowMs);
    switch (step.do) {
      case 'install': {
        const install = { id: `i${this.#installs++}`, signature: this.entity.signed.signature };
        this.#apply(installStarted(this.entity, install, 'npm thing', this.nowMs));
        break;
      }
      case 'cancel-install':
        this.#apply(installDropped(this.entity));
        break;
      case 'start-session':
        if (needsInstall(programOfSpec(this.entity.signed))) throw new Error('it is not there');
        this.#apply(sessionStarted(this.entity, this.nowMs));
        if (this.#alive.size > 0) throw new Error('a second session was started');
        this.#begin(0);
        break;
      case 'start-replica':
        this.#apply(replicaStarted(this.entity, step.number));
        this.#begin(step.number);
        break;
      case 'cancel-session':
        for (const id of this.#alive) this.#cancelled.add(id);
        this.#apply(replicasCancelled(sessionCancelled(this.entity)));
        break;
      case 'notify-owner': {
        const { version } = this.entity.isolation;
        this.#apply(ownerNotified(this.entity, step.number, version));
        // It may not have arrived.
        if (this.#below(3) === 0) this.#apply(ownerNotified(this.entity, step.number, 0, version));
        break;
      }
      case 'end-quarantine':
        this.#apply(quarantineExpired(this.entity, this.nowMs));
        break;
      case 'finish':
        if (this.#alive.size > 0) throw new Error('it finished although its session lives');
        this.finished = true;
        break;
      case 'wait':
        this.nowMs = step.untilMs ?? this.nowMs;
    }
  }

  /** Sessions do what they are told, and nothing else happens: the server must get where it should be. */
  settle(): void {
    for (let count = 0; count < STEPS_TO_SETTLE && !this.finished; count++) {
      this.step();
      const { install } = this.entity;
      if (install) this.#endInstall(install.id, true);
      for (const id of [...this.#alive]) {
        const { generation, replica } = parse(id);
        if (this.#cancelled.has(id)) this.#exit(id, 'stopped');
        else if (!this.#isReady(replica)) {
          const ready = { ...readyOf(generation, { epoch: 9 }), replica };
          this.#apply(sessionReady(this.entity, ready, this.nowMs));
        }
      }
    }
  }

  get isSettled(): boolean {
    const { desired, state, session, removed } = this.entity;
    if (removed) return this.finished;
    const isCovered = state === 'QUARANTINED' || state === 'MAINTENANCE';
    const isUp = state === 'RUNNING' || isCovered;
    if (desired === 'running') {
      const { replicas = 1 } = this.entity.signed.spec;
      const ready = readyReplicas(this.entity).length + (this.entity.ready ? 1 : 0);
      return isUp && session !== undefined && ready === replicas;
    }
    return (state === 'STOPPED' || state === 'ERROR') && !session;
  }

  #begin(replica: number): void {
    const id = `${this.entity.generation}.${replica}`;
    if (this.#alive.has(id)) throw new Error(`session ${id} was started twice`);
    this.#cancelled.delete(id); // the one before it of this id
    this.#alive.add(id);
  }

  #isReady(replica: number): boolean {
    const { ready, replicas } = this.entity;
    return (replica === 0 ? ready : replicas[replica]?.ready) !== undefined;
  }

  #order(): void {
    const orders: IsolationOrder[] = [
      { order: 'quarantine', forMs: this.#below(500) },
      { order: 'quarantine' },
      { order: 'release' },
      { order: 'maintenance', on: true },
      { order: 'maintenance', on: false },
      { order: 'breaker', to: 'open' },
      { order: 'breaker', to: 'reset' },
      { order: 'approve', toolsHash: 'another' },
    ];
    const order = orders[this.#below(orders.length)];
    const command = order && commandOf(order);
    if (!order || this.entity.removed) return;
    if (command && !permission(this.entity, command).allowed) return;
    this.#apply(ordered(this.entity, order, ANNA, this.nowMs));
  }

  #finding(): void {
    const owner = ownerOf(this.#below(2) === 0 ? this.#anyGeneration() : this.entity.generation);
    const breaker = { state: 'open' as const, failures: 5, successes: 0, openUntilMs: this.nowMs };
    const changes = [{ tool: 'send', change: 'changed' as const }];
    const findings: SessionFinding[] = [
      { ...owner, about: 'breaker', breaker },
      { ...owner, about: 'errors', reason: '5 errors in a row' },
      { ...owner, about: 'probe', passed: this.#below(2) === 0, reason: 'probed' },
      { ...owner, about: 'success' },
      { ...owner, about: 'tools', foundHash: 'another', changes },
      { ...owner, about: 'idle' },
    ];
    const finding = findings[this.#below(findings.length)];
    if (finding) this.#apply(sessionFound(this.entity, finding, this.nowMs));
    if (this.#below(2) === 0) this.#apply(wakeRequested(this.entity, ANNA, this.nowMs));
  }

  #command(): void {
    const commands: ServerCommand[] = ['start', 'stop', 'restart', 'reload'];
    const command = commands[this.#below(commands.length)] ?? 'start';
    if (this.#below(200) === 0) return this.#apply(removeRequested(this.entity, ANNA, this.nowMs));
    const { entity, nowMs } = this;
    if (entity.removed) return;
    if (!permission(entity, command).allowed) {
      return this.#apply(noted(entity, ANNA, `${command} was ignored`, nowMs));
    }
    if (command === 'start') return this.#apply(startRequested(entity, ANNA, nowMs));
    if (command === 'stop') return this.#apply(stopRequested(entity, ANNA, 'stop', nowMs));
    if (command === 'reload') return this.#reload();
    const isInPlace = entity.state === 'RUNNING' && this.#below(2) === 0;
    const restart = isInPlace ? childReplaceRequested : replaceRequested;
    this.#apply(restart(entity, ANNA, 'restart', nowMs));
  }

  #reload(): void {
    const tags = [`t${this.#below(3)}`];
    const kept = { ...this.#spec, tags };
    const over = this.#below(2) === 0 ? { ...programSpec('files'), ...kept } : kept;
    const loaded = specLoaded(this.entity, signedSpec(over));
    const isWanted = loaded.desired === 'running' || loaded.state === 'ERROR';
    if (!isWanted) return this.#apply(loaded);
    const how = this.#below(2) === 0 ? replaceRequested : stopRequested;
    this.#apply(how(loaded, ANNA, 'spec changed', this.nowMs));
  }

  #report(generation: number, epoch: number): void {
    const { entity, nowMs } = this;
    const replica = this.#below(3);
    const owner = { ...ownerOf(generation, epoch), ...(replica > 0 && { replica }) };
    const reason = `told by ${generation}.${epoch}`;
    const phase = this.#below(2) === 0 ? ('moving' as const) : ('taken' as const);
    const health = this.#below(2) === 0 ? ('UNHEALTHY' as const) : ('HEALTHY' as const);
    const backoff = { ...owner, restarts: 1, error: CRASHED, delayMs: this.#below(3) };
    const reports = [
      () => sessionReady(entity, { ...readyOf(generation, { epoch }), ...owner }, nowMs),
      () => sessionBackoff(entity, backoff, nowMs),
      () => sessionMoved(entity, { ...owner, phase, reason }, nowMs),
      () => sessionHealth(entity, { ...owner, health, reason }, nowMs),
    ];
    const report = reports[this.#below(reports.length)];
    if (report) this.#apply(report());
  }

  #endSession(): void {
    const alive = [...this.#alive];
    const id = alive[this.#below(alive.length)];
    if (id === undefined) return;
    const kind = EXIT_KINDS[this.#below(EXIT_KINDS.length)] ?? 'gone';
    this.#exit(id, this.#cancelled.has(id) ? 'stopped' : kind);
  }

  #repeatExit(): void {
    const id = `${this.#anyGeneration()}.${this.#below(3)}`;
    const isOver = !this.#alive.has(id) && !this.#isStillLive(id);
    if (isOver) this.#exit(id, 'gone');
  }

  /** A replica whose next session has not been started yet has ended for the entity too. */
  #isStillLive(id: string): boolean {
    const { generation, replica } = parse(id);
    return generation === this.entity.generation && this.entity.replicas[replica]?.phase === 'live';
  }

  #endInstall(id: string, succeeds: boolean): void {
    const { signed } = this.entity;
    const made = needsInstall(programOfSpec(signed)) ? pinnedSpec(signed, PIN) : undefined;
    const ended = succeeds ? { id, signed: made } : { id, error: CRASHED };
    this.#apply(installEnded(this.entity, ended, this.nowMs));
  }

  #exit(id: string, kind: (typeof EXIT_KINDS)[number]): void {
    const { generation, replica } = parse(id);
    this.#alive.delete(id);
    const number = replica > 0 && { replica };
    const exit = { generation, kind, error: CRASHED, ...number };
    this.#apply(sessionExited(this.entity, exit, this.nowMs, this.#random()));
  }

  #writeSomeEvents(): void {
    const written = this.entity.outbox.slice(0, this.#below(3));
    for (const { id } of written) {
      if (this.#ids.has(id)) throw new Error(`event ${id} exists twice`);
      this.#ids.add(id);
    }
    this.entity = { ...this.entity, outbox: this.entity.outbox.slice(written.length) };
  }

  #apply(next: EntityState): void {
    const { session } = next;
    if (session && session.generation !== next.generation) {
      throw new Error(`the session is ${session.generation}, the generation ${next.generation}`);
    }
    this.entity = next;
  }

  #anyGeneration(): number {
    return this.#below(this.entity.generation + 2);
  }

  #below(limit: number): number {
    return Math.floor(this.#random() * limit);
  }
}

function parse(id: string): { generation: number; replica: number } {
  const [generation = 0, replica = 0] = id.split('.').map(Number);
  return { generation, replica };
}

describe('whatever happens in whatever order', () => {
  test('every transition is possible, there is one session at most, and the server gets where it should', () => {
    for (let seed = 1; seed <= WALKS; seed++) {
      const world = new World(seed);
      try {
        for (let count = 0; count < STEPS && !world.finished; count++) world.happen();
        world.settle();
      } catch (cause) {
        throw new Error(`walk ${seed}`, { cause });
      }
      const { state, desired, removed } = world.entity;
      expect({ seed, state, desired, removed, settled: world.isSettled }).toMatchObject({
        settled: true,
      });
    }
  });
});
