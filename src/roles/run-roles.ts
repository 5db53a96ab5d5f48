import { ensureHome, type Settings } from '../config';
import { type TemporalSettings } from '../temporal/settings';
import { aborted, reportReady, untilStopRequested } from './lifetime';
import { createLogger, installTemporalRuntime } from './logger';
import { openRoleContext, type RoleContext, type RunningRole } from './role-context';
import { OWN_ROLES, type OwnRole, STOP_ORDER } from './role-names';

type StartRole = (context: RoleContext) => Promise<RunningRole>;

/** A process loads only the roles that it runs. */
const LOAD: Record<OwnRole, () => Promise<StartRole>> = {
  worker: async () => (await import('./worker.js')).startWorker,
  host: async () => (await import('./host.js')).startHost,
  api: async () => (await import('./api.js')).startApi,
};

export interface RoleRun {
  settings: Settings;
  /** Ends the roles, in order. */
  requested: AbortSignal;
  /** The cluster to connect to; it may still be starting while the roles are loaded. */
  temporal: Promise<TemporalSettings>;
  /** Called when all roles are ready; the signal fires when they have to stop. */
  onReady?: (context: RoleContext, stop: AbortSignal) => Promise<void>;
}

/**
 * Runs roles in this process until that is requested otherwise, or one of them ends by itself: then all of them stop, and
 * `up` starts them again. Resolves with the name of each role.
 */
export async function runRoles(
  names: readonly OwnRole[],
  run: RoleRun,
): Promise<Partial<Record<OwnRole, string>>> {
  const { settings } = run;
  const stop = untilStopRequested(run.requested);
  const logger = createLogger(names.length === 1 ? names.join() : 'roles', settings);
  const wanted = OWN_ROLES.filter((role) => names.includes(role));
  const loading = Promise.all(wanted.map(async (role) => ({ role, start: await LOAD[role]() })));
  loading.catch(() => undefined); // awaited below
  const temporal = await Promise.race([run.temporal, aborted(stop)]);
  if (!temporal) return {};
  installTemporalRuntime(logger);
  await ensureHome(settings.home);
  const { context, close } = await openRoleContext(settings, temporal, logger);
  const starting = (await loading).map(async ({ role, start }) => ({
    role,
    running: await start({ ...context, logger: createLogger(role, settings) }),
  }));
  const started = await Promise.all(starting);
  reportReady();
  const following = run.onReady?.(context, stop);
  await Promise.race([aborted(stop), ...started.map(({ running }) => running.ended)]);
  for (const role of STOP_ORDER) {
    await started.find((one) => one.role === role)?.running.stop();
  }
  await following;
  await close();
  return Object.fromEntries(started.map(({ role, running }) => [role, running.name]));
}
