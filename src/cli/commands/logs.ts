import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { followLog, tailLog } from '../terminal/log-tail';
import { wholeNumber } from '../options/parse';

const DEFAULT_TAIL = 50;

interface LogsOptions extends GlobalOptions {
  tail: number;
  follow?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring logs everything --follow')
    .argument('<name>', 'Name of the server')
    .option('--tail <n>', 'Number of most recent lines to show', wholeNumber, DEFAULT_TAIL)
    .option('--follow', 'Follow new lines; with --json, one document per line')
    .action((name: string, { tail, follow, ...options }: LogsOptions) =>
      run(
        options,
        ({ withClient, settings, output, interrupted }) =>
          withClient(async ({ servers }) => {
            await servers.get(name);
            const { home } = settings();
            if (!follow) {
              const lines = await tailLog(home, name, tail);
              output.answer(lines, lines.join('\n') || (tail > 0 ? `No logs of ${name} yet.` : ''));
              return EXIT.ok;
            }
            for await (const line of followLog(home, name, tail, interrupted))
              output.line(line, line);
            return EXIT.ok;
          }),
        { handlesInterrupt: Boolean(follow) },
      ),
    );
