import { readInstance } from '../client/instance';
import { MainspringError } from '../domain/errors';
import { temporalSettings, type TemporalSettings } from '../temporal/connection';

/** For a role that runs alone: the cluster of the TEMPORAL_* variables, or the instance of the data directory. */
export async function locateTemporal(home: string): Promise<TemporalSettings> {
  const found = temporalSettings(process.env) ?? (await readInstance(home))?.temporal;
  if (found) return found;
  throw new MainspringError('NOT_RUNNING', 'There is no Temporal to work for.', {
    fix: 'Set TEMPORAL_ADDRESS, or start an instance on this data directory: mainspring up.',
  });
}
