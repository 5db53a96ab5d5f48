import { condition, patched } from '@temporalio/workflow';
import { type EntityState, hasSettled } from '../src/domain/entity/entity';
import { CONTROL_TIMEOUT_MS } from '../src/domain/limits';

/** Resolves when a server has reached its requested state, or cannot reach it; never takes forever. */
export async function untilSettled(entity: { readonly state: EntityState }): Promise<void> {
  const { timeouts, process } = entity.state.signed.spec;
  const limitMs = timeouts.startMs + timeouts.stopMs + CONTROL_TIMEOUT_MS;
  const installs = () => entity.state.install !== undefined;
  const mayBeAway = process === undefined && patched('unreachable-has-settled');
  do {
    // An installation has limits of its own.
    if (installs()) await condition(() => !installs());
    await condition(() => hasSettled(entity.state, mayBeAway) || installs(), limitMs);
  } while (installs());
}
