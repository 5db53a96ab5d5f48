import { ApplicationFailure } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import { type HostActivities } from '../../src/domain/activity-types';
import { type HostReport } from '../../src/domain/hosts/hosts';
import { errandQueue, placementQueue } from '../../src/domain/names';
import { noPlaceOn, servedLabels } from '../../src/domain/hosts/placement';
import { type SessionInput } from '../../src/domain/entity/session';
import { type HostDeps } from '../deps';
import { createHostActivities } from './host';
import { hostSlots } from './host-slots';
import { signedOnly } from '../refuse-unsigned';
import { ONE_POLLER } from '../session/session-workers';

/** Installations and validations that a host runs at once, for each set of labels. */
const HOST_ERRANDS = 20;

/** Throttle of the SDK's own heartbeats: sessions and installations send urgent ones by themselves. */
const HEARTBEAT_THROTTLE = '30 s';

export interface PlacesOptions {
  labels: string[];
  exclusive: boolean;
  capacity: number;
}

/** Servers that a host runs, and the queues from which it takes them. */
export class HostPlaces {
  state: HostReport['state'] = 'ready';
  readonly #sessions = new Map<symbol, SessionInput>();
  #runs: { worker: Worker; ended: Promise<void> }[] = [];
  /** Makes drains, resumes and the end run one after the other. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    private readonly deps: HostDeps,
    private readonly options: PlacesOptions,
    /** Called when a worker has failed: the host cannot continue. */
    private readonly onBroken: (error: unknown) => void,
  ) {}

  get sessions(): HostReport['sessions'] {
    return [...this.#sessions.values()].map(({ name, generation, replica = 0 }) => ({
      server: name,
      generation,
      replica,
    }));
  }

  /** Starts to take servers. */
  async open(): Promise<void> {
    await this.#inTurn(async () => {
      this.state = 'ready';
      if (this.#runs.length > 0) return;
      this.deps.leaving.graceMs = 0;
      this.#runs = await this.#startWorkers();
    });
  }

  /** Takes no more servers and hands over what it has; calls in flight finish first, within the grace. */
  async drain(graceMs: number): Promise<void> {
    this.deps.leaving.graceMs = Math.max(graceMs, this.deps.leaving.graceMs);
    if (this.state === 'ready') this.state = 'draining';
    await this.#inTurn(async () => {
      const runs = this.#runs;
      this.#runs = [];
      for (const { worker } of runs) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(runs.map(({ ended }) => ended));
      this.state = 'drained';
    });
  }

  async #inTurn(act: () => Promise<void>): Promise<void> {
    const turn = this.#last.then(act);
    this.#last = turn.catch(() => undefined); // told to who took this turn
    await turn;
  }

  async #startWorkers() {
    const { connection, namespace, identity, key } = this.deps;
    const all = createHostActivities(this.deps);
    const activities: HostActivities = {
      ...all,
      runServer: (input) => this.#run(input, () => all.runServer(input)),
    };
    const tuner = hostSlots(this.options.capacity);
    const common = {
      connection,
      namespace,
      identity,
      ...signedOnly(key),
      activityTaskPollerBehavior: ONE_POLLER,
      maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
    } as const;
    const workers = await Promise.all(
      servedLabels(this.options).flatMap((labels) => [
        Worker.create({
          ...common,
          taskQueue: placementQueue(labels),
          activities: { ...activities },
          tuner,
        }),
        Worker.create({
          ...common,
          taskQueue: errandQueue(labels),
          activities: { ...activities },
          maxConcurrentActivityTaskExecutions: HOST_ERRANDS,
        }),
      ]),
    );
    return workers.map((worker) => ({ worker, ended: worker.run().catch(this.onBroken) }));
  }

  async #run(input: SessionInput, own: () => Promise<void>): Promise<void> {
    const { hostId } = this.deps;
    if (this.#sessions.size >= this.options.capacity) {
      // Its poll was open when the last place was taken. No other poll is opened before there is room.
      const message = noPlaceOn(hostId);
      throw ApplicationFailure.create({ message, type: 'HOST_LOST', nextRetryDelay: '1 ms' });
    }
    const key = Symbol(input.name);
    this.#sessions.set(key, input);
    try {
      await own();
    } finally {
      this.#sessions.delete(key);
    }
  }
}
