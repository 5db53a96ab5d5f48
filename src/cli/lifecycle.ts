import { type CommandOptions } from '../client/servers';
import { type MainspringClient } from '../client/mainspring-client';
import { type ServerStatus } from '../domain/status';
import { defineCommand, type GlobalOptions, type Run } from './command';
import { EXIT } from './exit-codes';
import { stateText } from './table';

interface Lifecycle {
  name: 'start' | 'stop' | 'restart' | 'enable' | 'disable';
  description: string;
  /** While it is under way: "Starting files …" */
  doing: string;
}

interface LifecycleOptions extends GlobalOptions {
  wait: boolean;
}

/** A command that changes one server and answers with its final state. */
export function lifecycleCommand({ name, description, doing }: Lifecycle, run: Run) {
  return defineCommand(name, description, `mainspring ${name} everything`)
    .argument('<name>', 'server')
    .option('--no-wait', 'answer as soon as the command is recorded')
    .action((server: string, options: LifecycleOptions) =>
      run(options, async ({ withClient, output, interrupted }) => {
        const spinner = output.spin(`${doing} ${server} …`);
        interrupted.addEventListener('abort', () => spinner.stop());
        const change = (client: MainspringClient, how: CommandOptions): Promise<ServerStatus> =>
          client.servers[name](server, how);
        const changed = await withClient((client) =>
          change(client, { wait: options.wait }),
        ).finally(() => spinner.stop());
        const { state, reason } = changed;
        output.answer(changed, `${server} is ${stateText(state, output.fancy)}: ${reason}`);
        return EXIT.ok;
      }),
    );
}
