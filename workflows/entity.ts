import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  getExternalWorkflowHandle,
  log,
  patched,
} from '@temporalio/workflow';
import { installDropped, installStarted } from '../src/domain/entity/entity-install';
import { installWorkflowId, programOfSpec } from '../src/domain/programs/installs';
import { needsInstall, programText } from '../src/domain/programs/programs';
import { type RequestOrigin, type EntityState, isServing } from '../src/domain/entity/entity';
import {
  childReplaceRequested,
  removeRequested,
  replaceRequested,
  specLoaded,
  stopRequested,
} from '../src/domain/entity/entity-commands';
import {
  eventsStored,
  isOutboxFull,
  noted,
  withRoomInOutbox,
} from '../src/domain/entity/entity-events';
import { ownerNotified } from '../src/domain/entity/entity-isolation';
import {
  liveReplicas,
  replicasCancelled,
  replicaDelayed,
  replicaStarted,
} from '../src/domain/entity/entity-replicas';
import {
  sessionCancelled,
  sessionExited,
  sessionReady,
  sessionStarted,
} from '../src/domain/entity/entity-session';
import { nextStep } from '../src/domain/entity/entity-step';
import { planReload, dependsOnValues } from '../src/domain/entity/reload';
import { REPLACE_REFUSED, type SessionReady } from '../src/domain/entity/session';
import { STATES } from '../src/domain/states';
import { control } from './control';
import { endQueuedCalls, recordOldest } from './entity-control';
import { createPresenter } from './presentation';
import { INSTALL_JOIN_RETRY_MS, startInstall } from './install-effects';
import {
  endSession,
  haveValuesChanged,
  replaceChild,
  startSession,
  notifyOwner,
} from './session-effects';
import { type SignedSpec } from '../src/domain/trust/signed-spec';

/** Longest wait of an order about calls for the owner of the server to apply it, in ms. */
const OWNER_APPLIES_MS = 2_000;

/** State of a server entity and the effects that its workflow code may have on it. */
export class Entity {
  /** Increases with every change, so that waiting for "any change" is one comparison. */
  version = 0;
  #underWay = 0;
  #telling = 0;
  readonly #present = createPresenter();
  #turn: Promise<void> = Promise.resolve();

  constructor(public state: EntityState) {}

  apply(change: (state: EntityState) => EntityState): void {
    const before = this.state;
    const next = change(before);
    const isFull = isOutboxFull(next) && patched('bounded-outbox');
    this.state = isFull ? withRoomInOutbox(next, Date.now()) : next;
    this.version++;
    this.show();
    const refuses = ({ state, wakes }: EntityState) => STATES[state].calls === 'refuse' && !wakes;
    if (refuses(this.state) && !refuses(before)) void this.#endQueuedCalls();
  }

  note(asked: RequestOrigin, reason: string): void {
    this.apply((state) => noted(state, asked, reason, Date.now()));
  }

  show(): void {
    this.#present(this.state);
  }

  /** Whether nothing is under way that continue-as-new or completion would cut off. */
  isIdle(): boolean {
    return this.state.outbox.length === 0 && this.#underWay === 0;
  }

  /** Waits until the owners of all sessions have applied the isolation; not long, since an owner may be lost. */
  async heard(): Promise<void> {
    const isHeard = () =>
      this.#telling === 0 && nextStep(this.state, Date.now()).do !== 'notify-owner';
    await condition(isHeard, OWNER_APPLIES_MS);
  }

  async startSession(): Promise<void> {
    this.apply((state) => sessionStarted(state, Date.now()));
    try {
      await startSession(this.state, 0);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Left over from an entity that was terminated: the next generation follows when it has ended.
      log.warn('a session of this generation is already running', { error });
      await this.cancelSession();
    }
  }

  /** Starts one of the sessions that share the queue of the first. */
  async startReplica(number: number): Promise<void> {
    this.apply((state) => replicaStarted(state, number));
    try {
      await startSession(this.state, number);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // The previous one has reported its end, and is about to be over.
      this.apply((state) => replicaDelayed(state, number, Date.now()));
    }
  }

  /** Starts the installation of a spec's program; the result arrives as a signal. */
  async startInstall(signed: SignedSpec): Promise<string | undefined> {
    const program = programOfSpec(signed);
    if (!program) return undefined;
    const { name, asked } = this.state;
    const flags = { force: false, skipPrerequisites: false, upgrade: false, validate: false };
    const input = { name, signed, wish: program.source, inTurn: true, ...flags, ...asked };
    const id = installWorkflowId(input);
    const install = { id, signature: signed.signature };
    this.apply((state) => installStarted(state, install, programText(program), Date.now()));
    try {
      await startInstall(input);
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      // Somebody else's, which reports to us too, unless it has just done so.
      const isStillWaiting = () => this.state.install?.id === id;
      await condition(() => !isStillWaiting(), INSTALL_JOIN_RETRY_MS);
      if (isStillWaiting()) this.apply(installDropped);
    }
    return id;
  }

  async cancelInstall(): Promise<void> {
    const { install } = this.state;
    this.apply(installDropped);
    if (!install) return;
    try {
      await getExternalWorkflowHandle(install.id).cancel();
    } catch (error) {
      log.info('the installation had ended already', { error });
    }
  }

  /** Ends all sessions of this generation. */
  async cancelSession(): Promise<void> {
    const { session, generation } = this.state;
    const first = session && !session.cancelled && !session.exit ? [0] : [];
    const numbers = [...first, ...liveReplicas(this.state)];
    this.apply((state) => replicasCancelled(sessionCancelled(state)));
    await Promise.all(numbers.map((number) => this.#cancelSession(generation, number)));
  }

  async #cancelSession(generation: number, replica: number): Promise<void> {
    try {
      await endSession(this.state.name, generation, replica);
    } catch (error) {
      log.warn('the session had ended already', { error });
      const exited = { generation, kind: 'gone' as const, ...(replica > 0 && { replica }) };
      this.apply((state) => sessionExited(state, exited, Date.now(), Math.random()));
    }
  }

  /** Sends the isolation to the owner of a session, which may take until the owner is found to be lost. */
  tellOwner(number: number): void {
    const { isolation, ready, replicas } = this.state;
    const before = (number === 0 ? ready : replicas[number]?.ready)?.isolationVersion;
    const { version } = isolation;
    this.apply((state) => ownerNotified(state, number, version));
    this.#telling++;
    const told = this.#doing(() => notifyOwner(this.state, number)).finally(() => this.#telling--);
    // A lost owner has a successor, which reports what it knows.
    told.catch((error: unknown) => {
      log.warn('the owner could not be notified', { error });
      this.apply((state) => ownerNotified(state, number, before ?? 0, version));
    });
  }

  /** A running server restarts inside its session, so that calls wait; any other gets a new generation. */
  async restart(asked: RequestOrigin): Promise<void> {
    const reason = 'restart requested';
    const { desired } = this.state;
    await this.#inTurn(async () => {
      const { signed, removed, desired: desiredNow } = this.state;
      const isStopped = desired === 'running' && desiredNow === 'stopped';
      if (removed || isStopped) return;
      if (isServing(this.state)) await this.#replaceChild(asked, signed, reason);
      else this.apply((found) => replaceRequested(found, asked, reason, Date.now()));
    });
  }

  /** Applies the spec that the inventory has now. */
  async reload(asked: RequestOrigin): Promise<void> {
    await this.#inTurn(() => this.#reload(asked));
  }

  async #reload(asked: RequestOrigin): Promise<void> {
    const loaded = await this.#doing(() =>
      control.loadSpec.executeWithOptions({ summary: `read the spec of ${this.state.name}` }, [
        { name: this.state.name },
      ]),
    );
    const plan = planReload(this.state, loaded);
    if (plan.do === 'nothing') return this.#reloadValues(asked);
    const replaces = plan.do === 'replace-child' || plan.do === 'new-generation';
    if (loaded && replaces && isServing(this.state) && needsInstall(programOfSpec(loaded))) {
      await this.#doing(() => this.#installFirst(loaded));
      return this.#reload(asked);
    }
    if (!loaded || plan.do === 'remove') {
      return this.apply((state) => removeRequested(state, asked, Date.now()));
    }
    if (plan.do === 'replace-child') return this.#replaceChild(asked, loaded, plan.reason);
    this.apply((state) => specLoaded(state, loaded));
    switch (plan.do) {
      case 'keep-running':
        return this.note(asked, `reloaded: ${plan.reason}`);
      case 'stop':
        return this.apply((state) => stopRequested(state, asked, plan.reason, Date.now()));
      case 'new-generation':
        return this.apply((state) => replaceRequested(state, asked, plan.reason, Date.now()));
    }
  }

  /** Reloads a server whose spec is the same, but whose references may have other values. */
  async #reloadValues(asked: RequestOrigin): Promise<void> {
    if (!dependsOnValues(this.state.signed) || !isServing(this.state)) return;
    if (!patched('reload-values')) return;
    const hasChanged = await this.#doing(() => haveValuesChanged(this.state));
    if (!hasChanged || !isServing(this.state)) return;
    await this.#replaceChild(
      asked,
      this.state.signed,
      'values that its spec refers to have changed',
    );
  }

  /** Keeps the server running while the program of its next spec is installed. */
  async #installFirst(loaded: SignedSpec): Promise<void> {
    let id: string | undefined;
    do {
      id = await this.startInstall(loaded);
      await condition(() => this.state.install?.id !== id);
      if (this.state.desired !== 'running') return;
    } while (this.state.lastInstall?.id !== id);
    const error = this.state.lastInstall?.error;
    if (error) throw ApplicationFailure.nonRetryable(error.message, error.code);
  }

  /** Writes events to the store, forever; they wait in the state until they are written. */
  async flushEvents(): Promise<void> {
    for (;;) {
      await condition(() => this.state.outbox.length > 0);
      const recorded = await recordOldest(this.state.outbox);
      this.state = eventsStored(this.state, recorded);
    }
  }

  async #replaceChild(asked: RequestOrigin, signed: SignedSpec, reason: string): Promise<void> {
    const { ready: before } = this.state;
    this.apply((state) => childReplaceRequested(state, asked, reason, Date.now()));
    try {
      const ready = await this.#replaceIn(0, signed, reason);
      this.apply((state) => sessionReady(specLoaded(state, signed), ready, Date.now()));
    } catch (error) {
      return this.#replaceFailed(error, asked, signed, reason, before);
    }
    // One after the other, so that one is always ready.
    for (const number of liveReplicas(this.state)) {
      await this.#replaceReplica(number, signed, reason);
    }
  }

  /** Replaces a replica. One that cannot be replaced is ended: its successor starts with the new spec. */
  async #replaceReplica(number: number, signed: SignedSpec, reason: string): Promise<void> {
    const { generation } = this.state;
    try {
      const ready = await this.#replaceIn(number, signed, reason);
      this.apply((state) => sessionReady(state, ready, Date.now()));
    } catch (error) {
      log.warn('a replica could not be replaced', { number, error });
      await this.#cancelSession(generation, number);
    }
  }

  async #replaceIn(number: number, signed: SignedSpec, reason: string): Promise<SessionReady> {
    return this.#doing(() => replaceChild(this.state, number, signed, reason));
  }

  #replaceFailed(
    error: unknown,
    asked: RequestOrigin,
    signed: SignedSpec,
    reason: string,
    before: SessionReady | undefined,
  ): void {
    const cause = error instanceof ActivityFailure ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure)) {
      // No worker answers on the control queue: the owner is lost or stuck, so a new one takes over.
      const next = (state: EntityState) =>
        replaceRequested(specLoaded(state, signed), asked, reason, Date.now());
      return this.state.desired === 'running' ? this.apply(next) : undefined;
    }
    const [refused] = cause.details ?? [];
    if (refused === REPLACE_REFUSED && before) {
      const kept = { ...before, reason: `keeps running unchanged: ${cause.message}` };
      this.apply((state) => sessionReady(state, kept, Date.now()));
    } else {
      // The old child is gone and the new one did not start; its session reports that by itself.
      this.apply((state) => specLoaded(state, signed));
    }
    throw ApplicationFailure.nonRetryable(cause.message, cause.type);
  }

  /** Runs restarts and reloads one after the other: each decides by the result of the one before it. */
  async #inTurn(act: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(act);
    this.#turn = mine.catch(() => undefined); // the requester gets the error
    return mine;
  }

  async #endQueuedCalls(): Promise<void> {
    const { name, reason } = this.state;
    await this.#doing(() => endQueuedCalls({ name, reason, beforeMs: Date.now() }));
  }

  async #doing<T>(act: () => Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await act();
    } finally {
      this.#underWay--;
    }
  }
}
