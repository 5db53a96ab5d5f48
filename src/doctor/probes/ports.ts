import { choosePort } from '../../temporal/ports';
import { type PortFact } from '../facts';
import { portOwner } from './port-owner';

/** Checks whether `up` could listen on this port. */
export async function probePort(use: PortFact['use'], port: number, ip: string): Promise<PortFact> {
  const chosen = await choosePort(port, ip).catch(() => undefined); // none near it is free
  if (chosen === undefined) return { use, port };
  const owner = chosen === port || port === 0 ? undefined : await portOwner(port);
  return { use, port, chosen, ...(owner !== undefined && { owner }) };
}
