import { type ServerSummary } from '../../domain/status';
import { type ServerState } from '../../domain/states';
import { type Action, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { renderServers } from '../table';
import { oneLine } from './events';

/** The states that nobody understands without their reason. */
const TELLING: ReadonlySet<ServerState> = new Set([
  ...(['BACKOFF', 'RECOVERING', 'ERROR', 'QUARANTINED', 'MAINTENANCE'] as const),
]);

export const list = (run: Run) =>
  defineCommand('list', 'show the servers', 'mainspring list').action((options: GlobalOptions) =>
    run(options, listServers),
  );

export const listServers: Action = ({ withClient, output }) =>
  withClient(async (client) => {
    const servers = await client.servers.list();
    const none = 'No servers yet. Add one: mainspring add <name> -- <command> [args…]';
    output.answer(servers, servers.length > 0 ? renderList(servers, output.fancy) : none);
    return EXIT.ok;
  });

/** The table, and below it why some of them do not run. */
export function renderList(servers: readonly ServerSummary[], fancy: boolean): string {
  const reasons = servers
    .filter(({ state, reason }) => TELLING.has(state) || reason.startsWith('UNSCHEDULABLE'))
    .map(({ name, reason }) => `${name}: ${oneLine(reason)}`);
  const table = renderServers(servers, fancy);
  return reasons.length > 0 ? [table, '', ...reasons].join('\n') : table;
}
