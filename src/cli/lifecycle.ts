import { defineCommand, type GlobalOptions, type Run } from './command';
import { EXIT } from './exit-codes';
import { durationText, stateText } from './table';

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
    .option('--wait', 'answer with the final state (default)')
    .option('--no-wait', 'answer as soon as the command is recorded')
    .action((server: string, { wait, ...options }: LifecycleOptions) =>
      run(options, ({ withClient, output, trace }) =>
        withClient(async ({ servers }) => {
          output.spin(`${doing} ${server} …`);
          const { correlationId } = trace;
          const changed = await servers[name](server, { wait, correlationId });
          const { state, reason } = changed;
          const done = trace.end();
          output.answer(
            { ...changed, ...done },
            `${server} is ${stateText(state, output.fancy)}: ${reason} (${durationText(done.tookMs)})`,
          );
          return EXIT.ok;
        }),
      ),
    );
}
