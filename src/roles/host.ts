import { availableParallelism } from 'node:os';
import { type HostDeps } from '../../activities/deps';
import { AwaitedCalls } from '../../activities/calls/awaited-calls';
import { createDirectCall } from '../../activities/calls/direct-call';
import { type HostControl, openHostControl } from '../../activities/host/host-control';
import { HostPlaces } from '../../activities/host/host-places';
import { type HostSocket, openHostSocket } from '../../activities/host/host-socket';
import { MEMORY_CHECK_INTERVAL_MS } from '../../activities/health/health-monitor';
import { createNotificationHub } from '../../activities/host/notification-hub';
import { OwnedSessions } from '../../activities/session/owned-sessions';
import { sharedLocks } from '../../activities/install/shared-locks';
import { createLimiter } from '../async/limiter';
import { Rounds } from '../async/rounds';
import { type HealthResult } from '../domain/health/health';
import { HEARTBEAT_INTERVAL_MS } from '../domain/limits';
import { hostsFolder, openGroupRecords, workerIdentity } from '../process/group-records';
import { containersFolder, endContainers } from '../process/container';
import { startGuard } from '../process/guard';
import { identityOf } from '../process/process-identity';
import { openSentJournal } from '../process/sent-journal';
import { openPrograms } from '../programs/programs';
import { createCallWriter } from '../store/call-writer';
import { createHealthWriter } from '../store/health-writer';
import { connectNative } from '../temporal/native-connection';
import { signedClient } from '../temporal/signed-client';
import { VERSION } from '../base/version';
import { reportOnce } from '../async/report-once';
import { claimId } from './claim-id';
import { aborted } from './lifetime';
import { type RoleContext, type RunningRole } from './role-context';
import { bePresent, type Presence } from './presence';
import { passOver, watchLostHosts } from './lost-hosts';
import { takeOver, watchNeighbours } from './watch-neighbours';
import { pause } from '../async/pause';

/** Servers that a host starts at once, for each CPU: more would only slow each other down. */
const STARTS_PER_CPU = 2;
/** Time after which a start lets the next one begin, in ms: by then it mostly waits. */
const START_TURN_MS = 5_000;
/** Heartbeats that a host sends at once: they cost Temporal about 1 ms each, which a call would wait for. */
const HEARTBEATS_TOGETHER = 25;
/** Servers whose memory is measured at once: about 0.1 ms each, in which the event loop does nothing else. */
const MEASURED_TOGETHER = 50;

/** Time until the guard kills what has not ended, in ms; sessions give calls in flight their grace first. */
const STOP_GRACE_MS = 20_000;

/** Starts a host: it takes sessions, owns their servers, and hands them over when it stops. */
export async function startHost(context: RoleContext): Promise<RunningRole> {
  const { settings, temporal, logger } = context;
  const { home } = settings;
  const asked = new AbortController();
  const { id: hostId, release } = await claimId(hostsFolder(home), 'host', settings.hostId);
  const { deps, close } = await openDeps(context, hostId);
  const placing = {
    labels: settings.hostLabels,
    exclusive: settings.hostExclusive,
    capacity: settings.hostCapacity,
  };
  let breakDown: (error: unknown) => void = () => undefined;
  const broken = new Promise<never>((_, reject) => (breakDown = reject));
  const places = new HostPlaces(deps, placing, breakDown);
  const facts = { ...placing, version: VERSION, isSupervised: Boolean(process.connected) };
  const control = await openHostControl(deps, places, facts, {
    onStop: () => asked.abort(),
    passOver: (lost, signal) => passOver(deps.client, lost, signal),
  });
  const presence = await bePresent(deps.client, hostId);
  const socket = await openHostSocket({
    ...deps,
    callDirectly: createDirectCall(deps),
    owns: (server) => deps.sessions.find(server, () => true) !== undefined,
  });
  await places.open();
  const watches = [
    watchNeighbours(home, hostId, deps.client, logger),
    watchLostHosts(deps.client, hostId, logger),
  ];
  logger.info({ hostId, ...placing, temporal: temporal.address }, 'host is running');
  return {
    name: hostId,
    ended: Promise.race([aborted(asked.signal), presence.lost, broken]),
    async stop() {
      await Promise.all(watches.map((end) => end()));
      await handOver(places, control, presence, socket);
      await close();
      release();
    },
  };
}

async function handOver(
  places: HostPlaces,
  control: HostControl,
  presence: Presence,
  socket: HostSocket,
): Promise<void> {
  const late = new AbortController();
  const tooLate = pause(STOP_GRACE_MS, late.signal);
  await Promise.race([places.drain(0), tooLate]);
  late.abort();
  await socket.close(); // direct calls have ended with their servers
  presence.close();
  await control.close();
}

/** Opens what the activities depend on; first removes what dead hosts have left. */
async function openDeps(
  context: RoleContext,
  hostId: string,
): Promise<{ deps: HostDeps; close: () => Promise<void> }> {
  const { settings, temporal, connection, store, key, logger } = context;
  const { home } = settings;
  const { namespace } = temporal;
  const client = signedClient(key, { connection, namespace });
  // A failed cleanup must not keep this host from its work.
  await reportOnce(logger, 'Taking over from dead hosts')(takeOver(home, client, logger));
  const host = identityOf(process.pid);
  const guard = startGuard({ containers: containersFolder(home, hostId, host) });
  const groups = openGroupRecords(home, hostId);
  const sent = openSentJournal(home, hostId);
  const programs = openPrograms({
    home,
    env: process.env,
    locks: sharedLocks(store.locks, client),
    onSpawn: (pgid) => {
      guard.watch(pgid);
      groups.add(pgid, 'an installation');
    },
    onGone: (pgid) => {
      guard.release(pgid);
      groups.remove(pgid);
    },
  });
  await reportOnce(logger, 'Removing incomplete programs')(programs.sweep());
  // Only informational: what cannot be written is dropped, and no call or server waits or fails for it.
  const callLog = createCallWriter(store.calls, reportOnce(logger, 'Writing the call index'));
  const healthLog = createHealthWriter(store.health);
  const reportHealth = reportOnce(logger, 'Writing health check results');
  const deps = {
    home,
    hostId,
    key,
    env: process.env,
    namespace,
    connection,
    client,
    store,
    guard,
    groups,
    programs,
    sent,
    connect: () => connectNative(temporal),
    identity: workerIdentity(hostId, host),
    leaving: { graceMs: 0 },
    starts: createLimiter(availableParallelism() * STARTS_PER_CPU, START_TURN_MS),
    callLog,
    healthLog: (result: HealthResult) => reportHealth(healthLog(result)),
    sessions: new OwnedSessions(),
    heartbeatRounds: new Rounds(HEARTBEAT_INTERVAL_MS, HEARTBEATS_TOGETHER),
    memoryRounds: new Rounds(MEMORY_CHECK_INTERVAL_MS, MEASURED_TOGETHER),
    notices: createNotificationHub(),
    awaited: new AwaitedCalls(),
    logger,
  };
  const close = async () => {
    await guard.close();
    await endContainers(containersFolder(home, hostId, host));
    groups.close();
    sent.close();
  };
  return { deps, close };
}
