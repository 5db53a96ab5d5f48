import { type InstallReport, isInstalled } from '../../domain/programs/installs';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { followInstalls } from '../actions/follow-installs';
import { installRemarks, renderInstalls } from '../text/install-text';
import { atLeastOne, collect } from '../options/parse';
import { INSTALL_REPORT, writeReport } from '../options/report-file';

interface InstallCommandOptions extends GlobalOptions {
  force?: boolean;
  sequential?: boolean;
  concurrency?: number;
  skipPrerequisites?: boolean;
  allowScripts: string[];
  report?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring install github --allow-scripts esbuild')
    .argument('[names...]', 'Names of the servers (default: all with something to install)')
    .option('--force', 'Reinstall programs that are already installed')
    .option(
      '--concurrency <n>',
      'Maximum number of parallel installations (default: 3)',
      atLeastOne,
    )
    .option('--sequential', 'Install one program at a time')
    .option('--skip-prerequisites', 'Skip the check for npm, Python and other prerequisites')
    .option(
      '--allow-scripts <package>',
      'Allow install scripts of this package (repeatable)',
      collect,
      [],
    )
    .option(
      '--report <file>',
      'Report file (default: reports/installation_report.json in the data directory)',
    )
    .action((names: string[], options: InstallCommandOptions) =>
      run(options, (context) => installServers(context, names, options), {
        handlesInterrupt: true,
      }),
    );

/** Installs servers; Ctrl-C cancels what is under way, and leaves nothing half done. */
async function installServers(
  { withClient, output, trace, settings, interrupted }: CommandContext,
  names: string[],
  options: InstallCommandOptions,
): Promise<number> {
  const { force, skipPrerequisites, allowScripts, sequential, concurrency } = options;
  const progress = followInstalls(output);
  const reports = await withClient(({ installs }) =>
    installs.install(names.length > 0 ? names : undefined, {
      force,
      skipPrerequisites,
      allowScripts,
      concurrency: sequential ? 1 : concurrency,
      onProgress: progress.show,
      signal: interrupted,
    }),
  ).finally(progress.end);
  const reportFile = await writeReport(settings().home, INSTALL_REPORT, options.report, {
    finishedAt: new Date().toISOString(),
    ...trace.end(),
    servers: reports,
  });
  output.answer(
    { servers: reports, reportFile, ...trace.end() },
    textOf(reports, output.fancy, reportFile),
  );
  if (interrupted.aborted) return EXIT.interrupted;
  return reports.every(isInstalled) ? EXIT.ok : EXIT.failed;
}

function textOf(reports: InstallReport[], fancy: boolean, reportFile: string): string {
  if (reports.length === 0) return 'Nothing to install: no server has an installable program.';
  return [renderInstalls(reports, fancy), ...installRemarks(reports), `Report: ${reportFile}`].join(
    '\n',
  );
}
