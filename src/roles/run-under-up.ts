import { reportOf } from '../base/errors';
import { type Settings } from '../config';
import { locateTemporal } from '../offline/locate-temporal';
import { type ConfigChange } from '../offline/origins';
import { tellUp } from './lifetime';
import { type UpOrder } from './orders';
import { type OwnRole } from './role-names';

/** Runs roles as `up` orders it, which started this process: it loads them while Temporal is still starting. */
export async function runUnderUp(
  names: readonly OwnRole[],
  settings: Settings,
  requested: AbortSignal,
): Promise<void> {
  const { home } = settings;
  const orders = receiveOrders();
  const first = await orders.first;
  const servers = first.order === 'prepare' ? await prepare(home, first) : undefined;
  // Temporal starts when the servers are prepared, so the roles are not loaded before.
  const { runRoles } = await import('./run-roles.js');
  await runRoles(names, {
    settings,
    requested,
    temporal: orders.run.then(({ temporal }) => temporal ?? locateTemporal(home)),
    onReady: async (context, signal) => {
      if (!servers) return;
      const { startServers } = await import('./start-servers.js');
      await startServers(context, { ...servers, signal }, tellUp).catch(tellFailure);
    },
  });
}

type RunOrder = Extract<UpOrder, { order: 'run' }>;

function receiveOrders(): { first: Promise<Exclude<UpOrder, RunOrder>>; run: Promise<RunOrder> } {
  let begin: (order: Exclude<UpOrder, RunOrder>) => void = () => undefined;
  let run: (order: RunOrder) => void = () => undefined;
  process.on('message', (order: UpOrder) => (order.order === 'run' ? run(order) : begin(order)));
  return {
    first: new Promise((resolve) => (begin = resolve)),
    run: new Promise((resolve) => (run = resolve)),
  };
}

function tellFailure(error: unknown): void {
  tellUp({ report: 'failed', error: reportOf(error) });
}

interface Prepared {
  changes: ConfigChange[];
  hasHost: boolean;
}

async function prepare(
  home: string,
  { configs, hasHost }: Extract<UpOrder, { order: 'prepare' }>,
): Promise<Prepared> {
  const { prepareServers } = await import('./prepare-servers.js');
  try {
    const changes = await prepareServers(home, configs, tellUp);
    tellUp({ report: 'prepared' });
    return { changes, hasHost };
  } catch (error) {
    tellFailure(error);
    throw error;
  }
}
