import { type Action, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { renderServers } from '../table';

export const list = (run: Run) =>
  defineCommand('list', 'show the servers', 'mainspring list').action((options: GlobalOptions) =>
    run(options, listServers),
  );

export const listServers: Action = ({ withClient, output }) =>
  withClient(async (client) => {
    const servers = await client.servers.list();
    const none = 'No servers yet. Add one: mainspring add <name> -- <command> [args…]';
    output.answer(servers, servers.length > 0 ? renderServers(servers, output.fancy) : none);
    return EXIT.ok;
  });
