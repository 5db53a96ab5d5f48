import { isInstalled } from '../../domain/programs/installs';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { firstLine, followInstalls, installRemarks } from '../text/install-text';

interface UpgradeCommandOptions extends GlobalOptions {
  to?: string;
  validate: boolean;
  skipPrerequisites?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring upgrade github --to 2025.4.8')
    .argument('<name>', 'server')
    .option('--to <version>', 'version, range or tag; default the newest')
    .option('--no-validate', 'switch without trying it out first')
    .option('--skip-prerequisites', 'do not check for npm, Python, … first')
    .action((name: string, options: UpgradeCommandOptions) =>
      run(
        options,
        async ({ withClient, output, trace, interrupted }) => {
          const { to, validate, skipPrerequisites } = options;
          const progress = followInstalls(output);
          const report = await withClient(({ installs }) =>
            installs.upgrade(name, {
              ...{ to, validate, skipPrerequisites },
              onProgress: progress.show,
              signal: interrupted,
            }),
          ).finally(progress.end);
          const ended = `${name}: ${report.status}, ${firstLine(report.detail)}`;
          const text = [ended, ...installRemarks([report])];
          output.answer({ ...report, ...trace.end() }, text.join('\n'));
          if (interrupted.aborted) return EXIT.interrupted;
          return isInstalled(report) ? EXIT.ok : EXIT.failed;
        },
        { handlesInterrupt: true },
      ),
    );
