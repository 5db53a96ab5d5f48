import { hostname } from 'node:os';
import { Context } from '@temporalio/activity';
import { Worker } from '@temporalio/worker';
import { type HostControlActivities } from '../../src/domain/activity-types';
import { type HostReport, type LostHost } from '../../src/domain/hosts/hosts';
import { HEARTBEAT_INTERVAL_MS } from '../../src/domain/limits';
import { hostQueue } from '../../src/domain/names';
import { identityOf } from '../../src/process/process-identity';
import { type HostDeps } from '../deps';
import { type HostPlaces, type PlacesOptions } from './host-places';
import { signedOnly } from '../refuse-unsigned';
import { ONE_POLLER } from '../session/session-workers';

/** Concurrent orders to a host: the presence, a drain, and a resume that ends it. */
const CONTROL_SLOTS = 10;
const HEARTBEAT_THROTTLE = '500 ms';

export interface HostFacts extends PlacesOptions {
  version: string;
  isSupervised: boolean;
}

export interface HostControl {
  report(): HostReport;
  /** Ends the presence in order, and then the worker. */
  close(): Promise<void>;
}

export interface HostOrders {
  /** Called when the end of this host is requested. */
  onStop: () => void;
  passOver(lost: LostHost, signal: AbortSignal): Promise<void>;
}

/** Opens a host's own queue: its presence, and orders to it. */
export async function openHostControl(
  deps: HostDeps,
  places: HostPlaces,
  facts: HostFacts,
  orders: HostOrders,
): Promise<HostControl> {
  const { connection, namespace, identity, hostId, key } = deps;
  const report = reportOf(hostId, places, facts);
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => (leave = resolve));
  const activities: HostControlActivities = {
    runHost: () => bePresent(report, left, orders.onStop),
    async drainHost({ graceMs }) {
      await whileHeartbeating(report, () => places.drain(graceMs));
      return report();
    },
    async resumeHost() {
      await places.open();
      return report();
    },
    passOver: (lost) =>
      whileHeartbeating(report, () => orders.passOver(lost, Context.current().cancellationSignal)),
  };
  const worker = await Worker.create({
    connection,
    namespace,
    identity,
    ...signedOnly(key),
    taskQueue: hostQueue(hostId),
    activities: { ...activities },
    activityTaskPollerBehavior: ONE_POLLER,
    maxConcurrentActivityTaskExecutions: CONTROL_SLOTS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE,
  });
  const run = worker.run().catch(orders.onStop);
  return {
    report,
    async close() {
      leave();
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await run;
    },
  };
}

async function bePresent(
  report: () => HostReport,
  left: Promise<void>,
  onStop: () => void,
): Promise<void> {
  const context = Context.current();
  await whileHeartbeating(report, async () => {
    const ended = context.cancelled.catch(() => {
      if (!context.cancellationDetails?.cancelRequested) return undefined;
      onStop();
      return left; // heartbeats continue until everything is handed over
    });
    await Promise.race([left, ended]);
  });
}

async function whileHeartbeating(
  report: () => HostReport,
  act: () => Promise<void>,
): Promise<void> {
  const context = Context.current();
  const beat = () => context.heartbeat(report());
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  beat();
  try {
    await act();
  } finally {
    clearInterval(timer);
  }
}

function reportOf(id: string, places: HostPlaces, facts: HostFacts): () => HostReport {
  const startedAtMs = Date.now() - Math.round(process.uptime() * 1_000);
  const own = identityOf(process.pid);
  return () => ({
    id,
    ...own,
    machine: hostname(),
    ...facts,
    sessions: places.sessions,
    state: places.state,
    startedAtMs,
    rssBytes: process.memoryUsage.rss(),
  });
}
