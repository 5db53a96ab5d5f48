import { reportOf } from '../base/errors';
import { type Settings } from '../config';
import { locateTemporal } from '../offline/locate-temporal';
import { type ConfigChange } from '../offline/origins';
import { tellUp } from './lifetime';
import { type UpOrder } from './orders';
import { type OwnRole } from './role-names';
import { runRoles } from './run-roles';

/** Runs roles as `up` orders it, which started this process: it loads them while Temporal is still starting. */
export async function runUnderUp(
  names: readonly OwnRole[],
  settings: Settings,
  requested: AbortSignal,
): Promise<void> {
  const { home } = settings;
  let prepared: Promise<Prepared> | undefined;
  const temporal = new Promise<Extract<UpOrder, { order: 'run' }>>((resolve) => {
    process.on('message', (order: UpOrder) => {
      if (order.order === 'run') return resolve(order);
      prepared = prepare(home, order);
      prepared.catch((error: unknown) => tellUp({ report: 'failed', error: reportOf(error) }));
    });
  }).then(async (order) => {
    await prepared; // no role reads the inventory before
    return order.temporal ?? locateTemporal(home);
  });
  await runRoles(names, {
    settings,
    requested,
    temporal,
    onReady: async (context, signal) => {
      const servers = await prepared;
      if (!servers) return;
      const { startServers } = await import('./start-servers.js');
      await startServers(context, { ...servers, signal }, tellUp).catch((error: unknown) =>
        tellUp({ report: 'failed', error: reportOf(error) }),
      );
    },
  });
}

interface Prepared {
  changes: ConfigChange[];
  hasHost: boolean;
}

async function prepare(
  home: string,
  { configs, hasHost }: Extract<UpOrder, { order: 'prepare' }>,
): Promise<Prepared> {
  const { prepareServers } = await import('./start-servers.js');
  return { changes: await prepareServers(home, configs, tellUp), hasHost };
}
