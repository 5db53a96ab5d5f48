import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderStatus } from '../text/status-text';
import { listServers } from './list';

export const define: Define = (command, run) =>
  withExample(command, 'mainspring status everything')
    .argument('[name]', 'Name of the server (default: all)')
    .action((name: string | undefined, options: GlobalOptions) =>
      run(options, async (context) => {
        if (name === undefined) return listServers(context);
        const { withClient, output } = context;
        return withClient(async ({ servers, calls }) => {
          const found = await servers.get(name);
          const [stats] = await calls.stats(name);
          output.answer({ ...found, calls: stats }, renderStatus(found, output.fancy, stats));
          return EXIT.ok;
        });
      }),
    );
