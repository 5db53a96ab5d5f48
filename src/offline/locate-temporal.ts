import { MainspringError } from '../base/errors';
import { temporalSettings, type TemporalSettings } from '../temporal/settings';
import { readInstance } from './instance';

/** Connection to the Temporal of the running instance, or else the one of the TEMPORAL_* variables. */
export async function locateTemporal(home: string): Promise<TemporalSettings> {
  const instance = await readInstance(home);
  const fromVariables = await temporalSettings(process.env);
  const isSame = fromVariables?.address === instance?.temporal.address;
  // The variables may also hold certificates and keys, which the instance file does not contain.
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
