import { MainspringClient } from '../client/mainspring-client';
import { followUntilSettled } from '../client/servers/follow-until-settled';
import { reportChange, reportProblems } from '../offline/report-changes';
import { type ConfigChange } from '../offline/origins';
import { type StartReport } from './orders';
import { type RoleContext } from './role-context';

type Report = (report: StartReport) => void;

export interface ServersStart {
  /** Changes of the configs in the inventory. */
  changes: readonly ConfigChange[];
  /** Whether there is a host to run them: then they are followed until they have started or failed. */
  hasHost: boolean;
  signal: AbortSignal;
}

/** Registers the servers of the inventory with Temporal, and reports how they start. */
export async function startServers(
  { settings, temporal, connection }: Pick<RoleContext, 'settings' | 'temporal' | 'connection'>,
  { changes, hasHost, signal }: ServersStart,
  report: Report,
): Promise<void> {
  const { home } = settings;
  const { namespace } = temporal;
  const client = await MainspringClient.connect({ home, connection, namespace });
  const sayLine = (text: string) => report({ report: 'line', text });
  try {
    const { servers } = client;
    for (const change of changes) reportChange(change, sayLine);
    reportProblems(await servers.dropVanished(changes), sayLine);
    reportProblems(await servers.sync(), sayLine);
    report({ report: 'registered' });
    if (hasHost) {
      for await (const server of followUntilSettled(servers, signal)) {
        report({ report: 'server', server });
      }
    }
    report({ report: 'settled' });
  } finally {
    await client.close();
  }
}
