import { proxySettings } from '../../net/proxy';
import { readStartVariable } from '../../process/proc';
import { type ProxyFact } from '../facts';

const NAMES = ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY'].flatMap((name) => [
  name,
  name.toLowerCase(),
]);

/** Proxy settings of this environment, and of the running host where the system reports them. */
export function probeProxy(env: NodeJS.ProcessEnv, hostPid: number | undefined): ProxyFact {
  const here = proxySettings(env);
  if (hostPid === undefined || readStartVariable(hostPid, 'PATH') === undefined) return { here };
  const ofHost = NAMES.map((name): [string, string | undefined] => [
    name,
    readStartVariable(hostPid, name),
  ]);
  return { here, host: proxySettings(Object.fromEntries(ofHost)) };
}
