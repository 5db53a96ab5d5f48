import { canonicalJson } from '../../base/canonical-json';
import { lineOf, passedVariables } from '../programs/container-run';
import { type EntityState, isServing } from './entity';
import { type ServerSpec } from '../spec';
import { type SignedSpec } from '../trust/signed-spec';

export type ReloadPlan =
  | { do: 'nothing'; reason: string }
  /** Applies the new spec only from the next start on. */
  | { do: 'keep-running'; reason: string }
  | { do: 'replace-child'; reason: string }
  | { do: 'new-generation'; reason: string }
  | { do: 'stop'; reason: string }
  | { do: 'remove'; reason: string };

/** Decides what a changed spec means for a server that runs, or does not run, with the old one. */
export function planReload(entity: EntityState, loaded: SignedSpec | null): ReloadPlan {
  if (!loaded) return { do: 'remove', reason: 'no longer in the inventory' };
  const old = entity.signed.spec;
  const { spec } = loaded;
  if (canonicalJson(old) === canonicalJson(spec))
    return { do: 'nothing', reason: 'spec unchanged' };
  const shouldRun = entity.desired === 'running';
  if (!spec.enabled && shouldRun) return { do: 'stop', reason: 'disabled' };
  if (isSame(old, spec, withoutFlags)) {
    const reason = flagChange(old, spec) ?? 'no change affects the running process';
    return { do: 'keep-running', reason };
  }
  if (entity.state === 'ERROR' && spec.enabled) {
    return { do: 'new-generation', reason: 'spec corrected' };
  }
  if (entity.wakes && spec.activation !== 'on-demand' && spec.enabled && spec.autostart) {
    return { do: 'new-generation', reason: 'no longer on-demand' };
  }
  if (!shouldRun) return { do: 'keep-running', reason: 'spec changed while stopped' };
  if (isServing(entity) && isSame(old, spec, sessionPart)) {
    return { do: 'replace-child', reason: 'spec changed' };
  }
  return { do: 'new-generation', reason: 'spec changed' };
}

/** Whether a server that keeps its spec may have been started with values that have changed since. */
export function dependsOnValues({ spec }: SignedSpec): boolean {
  const { process } = spec;
  const passesOn = process !== undefined && passedVariables(lineOf(process)).length > 0;
  return passesOn || process?.envFile !== undefined || JSON.stringify(spec).includes('${');
}

function flagChange(old: ServerSpec, spec: ServerSpec): string | undefined {
  if (old.enabled === spec.enabled) return undefined;
  return spec.enabled ? 'enabled' : 'disabled';
}

function isSame(a: ServerSpec, b: ServerSpec, part: (spec: ServerSpec) => unknown): boolean {
  return canonicalJson(part(a)) === canonicalJson(part(b));
}

function withoutFlags({
  enabled: _enabled,
  autostart: _autostart,
  tags: _tags,
  // Only clients use these.
  direct: _direct,
  cache: _cache,
  ...rest
}: ServerSpec) {
  return rest;
}

/** Returns the part of a spec that is fixed for the life of a session. */
function sessionPart({ type, timeouts, limits, requires = [], replicas = 1 }: ServerSpec) {
  const { hostMs } = timeouts;
  return { type, hostMs, concurrentCalls: limits.concurrentCalls, requires, replicas };
}
