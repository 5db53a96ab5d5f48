import { isInstalled } from '../../domain/programs/installs';
import { type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { followInstalls } from '../actions/follow-installs';
import { firstLine, installRemarks } from '../text/install-text';

interface UpgradeCommandOptions extends GlobalOptions {
  to?: string;
  validate: boolean;
  skipPrerequisites?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring upgrade github --to 2025.4.8')
    .argument('<name>', 'Name of the server')
    .option('--to <version>', 'Version, range or tag (default: latest)')
    .option('--no-validate', 'Switch without validating the new version')
    .option('--skip-prerequisites', 'Skip the check for npm, Python and other prerequisites')
    .action((name: string, options: UpgradeCommandOptions) =>
      run(
        options,
        async ({ withClient, output, trace, interrupted }) => {
          const { to, validate, skipPrerequisites } = options;
          const progress = followInstalls(output);
          const report = await withClient(({ installs }) =>
            installs.upgrade(name, {
              to,
              validate,
              skipPrerequisites,
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
