import { type EntityState } from './entity';
import { isIsolationOutdated, quarantineEndMs } from './entity-isolation';
import { liveReplicas, nextReplica } from './entity-replicas';
import { programOfSpec } from '../programs/installs';
import { needsInstall } from '../programs/programs';

/** Next step of the entity's main loop. */
export type Step =
  | { do: 'install' }
  | { do: 'cancel-install' }
  | { do: 'start-session' }
  | { do: 'start-replica'; number: number }
  | { do: 'cancel-session' }
  /** Sends the isolation to the owner of a session: 0 is the first, others are replicas. */
  | { do: 'notify-owner'; number: number }
  | { do: 'end-quarantine' }
  | { do: 'finish' }
  | { do: 'wait'; untilMs?: number };

/** Returns the one step that is needed now for the server to get where it should be. */
export function nextStep(entity: EntityState, nowMs: number): Step {
  const shouldRun = entity.desired === 'running' && !entity.removed;
  if (entity.install && !isInstallWanted(entity, shouldRun)) return { do: 'cancel-install' };
  const quarantineEnd = quarantineEndMs(entity);
  if (quarantineEnd !== undefined && quarantineEnd <= nowMs) return { do: 'end-quarantine' };
  const step = entity.session
    ? inSession(entity, shouldRun, nowMs)
    : withoutSession(entity, shouldRun, nowMs);
  return step.do === 'wait' ? { do: 'wait', ...earliest(step.untilMs, quarantineEnd) } : step;
}

function inSession(entity: EntityState, shouldRun: boolean, nowMs: number): Step {
  const { session, state, isolation, ready, replicas } = entity;
  const isUnwanted = !shouldRun || state === 'STOPPING' || session?.exit !== undefined;
  if (isUnwanted) return isCancelled(entity) ? { do: 'wait' } : { do: 'cancel-session' };
  if (session?.cancelled) return { do: 'wait' };
  if (isIsolationOutdated(ready, isolation)) return { do: 'notify-owner', number: 0 };
  const outdated = liveReplicas(entity).find((number) =>
    isIsolationOutdated(replicas[number]?.ready, isolation),
  );
  if (outdated !== undefined) return { do: 'notify-owner', number: outdated };
  const next = nextReplica(entity, nowMs);
  return 'start' in next ? { do: 'start-replica', number: next.start } : { do: 'wait', ...next };
}

function isCancelled({ session, replicas }: EntityState): boolean {
  const isFirst = session?.cancelled === true || session?.exit !== undefined;
  return isFirst && Object.values(replicas).every(({ phase }) => phase !== 'live');
}

function withoutSession(entity: EntityState, shouldRun: boolean, nowMs: number): Step {
  if (entity.removed) return { do: 'finish' };
  if (!shouldRun) return { do: 'wait' };
  if (entity.retryAtMs > nowMs) return { do: 'wait', untilMs: entity.retryAtMs };
  if (!needsInstall(programOfSpec(entity.signed))) return { do: 'start-session' };
  return { do: entity.install ? 'wait' : 'install' };
}

/** Whether the installation is still needed. A reloaded server keeps running while the program of its new spec is installed. */
function isInstallWanted({ install, signed }: EntityState, shouldRun: boolean): boolean {
  const isForCurrent = install?.signature === signed.signature;
  return shouldRun && (isForCurrent || !needsInstall(programOfSpec(signed)));
}

function earliest(...times: (number | undefined)[]): { untilMs?: number } {
  const defined = times.filter((time) => time !== undefined);
  return defined.length > 0 ? { untilMs: Math.min(...defined) } : {};
}
