import { type EntityState, newEntity } from '../../src/domain/entity';
import {
  childReplaceAsked,
  removeAsked,
  replaceAsked,
  specLoaded,
  startAsked,
  stopAsked,
} from '../../src/domain/entity-commands';
import { noted } from '../../src/domain/entity-events';
import {
  sessionBackoff,
  sessionCancelled,
  sessionExited,
  sessionHealth,
  sessionMoved,
  sessionReady,
  sessionStarted,
} from '../../src/domain/entity-session';
import { nextStep } from '../../src/domain/entity-step';
import { installDropped, installEnded, installStarted } from '../../src/domain/entity-install';
import { programOfSpec } from '../../src/domain/installs';
import { needsInstall } from '../../src/domain/programs';
import { permits, type ServerCommand } from '../../src/domain/states';
import {
  CRASHED,
  ownerOf,
  pinnedSpec,
  programSpec,
  readyOf,
  restartPolicy,
  signedSpec,
} from './samples';

const PIN = { name: 'thing', version: '1.0.0', integrity: 'sha512-x', allowScripts: [] };
const ANNA = { actor: 'anna' };
const WALKS = 1_000;
const STEPS = 60;
/** Enough for: cancel, exit, install, start, ready. */
const STEPS_TO_SETTLE = 14;
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
  readonly #alive = new Set<number>();
  readonly #cancelled = new Set<number>();
  readonly #ids = new Set<string>();
  #installs = 0;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.entity = newEntity('files', signedSpec({ restart: restartPolicy() }), 'run', this.nowMs);
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
        this.#alive.add(this.entity.generation);
        break;
      case 'cancel-session':
        this.#cancelled.add(this.entity.generation);
        this.#apply(sessionCancelled(this.entity));
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
      const { generation, install } = this.entity;
      if (install) this.#endInstall(install.id, true);
      if (!this.#alive.has(generation)) continue;
      if (this.#cancelled.has(generation)) this.#exit(generation, 'stopped');
      else this.#apply(sessionReady(this.entity, readyOf(generation, { epoch: 9 }), this.nowMs));
    }
  }

  get isSettled(): boolean {
    const { desired, state, session, removed } = this.entity;
    if (removed) return this.finished;
    if (desired === 'running') return state === 'RUNNING' && session !== undefined;
    return (state === 'STOPPED' || state === 'ERROR') && !session;
  }

  #command(): void {
    const commands: ServerCommand[] = ['start', 'stop', 'restart', 'reload'];
    const command = commands[this.#below(commands.length)] ?? 'start';
    if (this.#below(200) === 0) return this.#apply(removeAsked(this.entity, ANNA, this.nowMs));
    const { entity, nowMs } = this;
    if (entity.removed) return;
    if (!permits(entity.state, true, command).allowed) {
      return this.#apply(noted(entity, ANNA, `${command} was ignored`, nowMs));
    }
    if (command === 'start') return this.#apply(startAsked(entity, ANNA, nowMs));
    if (command === 'stop') return this.#apply(stopAsked(entity, ANNA, 'stop', nowMs));
    if (command === 'reload') return this.#reload();
    const isInPlace = entity.state === 'RUNNING' && this.#below(2) === 0;
    const restart = isInPlace ? childReplaceAsked : replaceAsked;
    this.#apply(restart(entity, ANNA, 'restart', nowMs));
  }

  #reload(): void {
    const tags = [`t${this.#below(3)}`];
    const over = this.#below(2) === 0 ? { ...programSpec('files'), tags } : { tags };
    const loaded = specLoaded(this.entity, signedSpec(over));
    const isWanted = loaded.desired === 'running' || loaded.state === 'ERROR';
    if (!isWanted) return this.#apply(loaded);
    const how = this.#below(2) === 0 ? replaceAsked : stopAsked;
    this.#apply(how(loaded, ANNA, 'its spec changed', this.nowMs));
  }

  #report(generation: number, epoch: number): void {
    const { entity, nowMs } = this;
    const owner = ownerOf(generation, epoch);
    const reason = `told by ${generation}.${epoch}`;
    const phase = this.#below(2) === 0 ? ('moving' as const) : ('taken' as const);
    const health = this.#below(2) === 0 ? ('UNHEALTHY' as const) : ('HEALTHY' as const);
    const backoff = { ...owner, restarts: 1, error: CRASHED, delayMs: this.#below(3) };
    const reports = [
      () => sessionReady(entity, readyOf(generation, { epoch }), nowMs),
      () => sessionBackoff(entity, backoff, nowMs),
      () => sessionMoved(entity, { ...owner, phase, reason }, nowMs),
      () => sessionHealth(entity, { ...owner, health, reason }, nowMs),
    ];
    const report = reports[this.#below(reports.length)];
    if (report) this.#apply(report());
  }

  #endSession(): void {
    const [generation] = this.#alive;
    if (generation === undefined) return;
    const kind = EXIT_KINDS[this.#below(EXIT_KINDS.length)] ?? 'gone';
    this.#exit(generation, this.#cancelled.has(generation) ? 'stopped' : kind);
  }

  #repeatExit(): void {
    const generation = this.#anyGeneration();
    if (!this.#alive.has(generation)) this.#exit(generation, 'gone');
  }

  #endInstall(id: string, succeeds: boolean): void {
    const { signed } = this.entity;
    const made = needsInstall(programOfSpec(signed)) ? pinnedSpec(signed, PIN) : undefined;
    const ended = succeeds ? { id, signed: made } : { id, error: CRASHED };
    this.#apply(installEnded(this.entity, ended, this.nowMs));
  }

  #exit(generation: number, kind: (typeof EXIT_KINDS)[number]): void {
    this.#alive.delete(generation);
    const exit = { generation, kind, error: CRASHED };
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
