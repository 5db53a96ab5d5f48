import { MainspringError } from '../base/errors';
import { temporalSettings, type TemporalSettings } from '../temporal/connection';
import { readInstance } from './instance';

/** Temporal of the instance that runs on the data directory, or else of the TEMPORAL_* variables. */
export async function locateTemporal(home: string): Promise<TemporalSettings> {
  const instance = await readInstance(home);
  const fromVariables = temporalSettings(process.env);
  const isSame = fromVariables?.address === instance?.temporal.address;
  // The variables may also hold what the instance does not tell: certificates and keys.
  const found = isSame ? fromVariables : (instance?.temporal ?? fromVariables);
  if (found?.address) return found;
  throw new MainspringError(
    'NOT_RUNNING',
    `Mainspring is not running on the data directory ${home}.`,
    {
      fix: 'Start it (mainspring up), or set TEMPORAL_ADDRESS.',
    },
  );
}
