import { choosePort } from '../../temporal/ports';
import { type PortFact } from '../facts';
import { portOwner } from './port-owner';

/** Where the embedded Temporal listens. */
const LOOPBACK = '127.0.0.1';

/** What `up` would find when it wants this port. */
export async function probePort(use: PortFact['use'], port: number): Promise<PortFact> {
  const chosen = await choosePort(port, LOOPBACK).catch(() => undefined);
  if (chosen === undefined) return { use, port };
  const owner = chosen === port || port === 0 ? undefined : await portOwner(port);
  return { use, port, chosen, ...(owner !== undefined && { owner }) };
}
