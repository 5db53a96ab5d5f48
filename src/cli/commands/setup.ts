import { type ConfigFile } from '../../client/origins';
import { MainspringError } from '../../domain/errors';
import { type InstallReport, isInstalled } from '../../domain/installs';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT } from '../exit-codes';
import { firstLine, followInstalls, installRemarks, renderInstalls } from '../install-text';
import { type Watched, watchServers } from '../monitor';
import { atLeastOne, collect } from '../parse';
import { INSTALL_REPORT, writeReport } from '../report-file';
import { followUntilSettled } from '../settle';
import { renderServers, renderTable } from '../table';
import { renderValidation } from '../validation-text';
import { reportChange, reportProblems } from './reload';
import { runValidation, testReport } from './validate';

const DEFAULT_MONITOR_SECONDS = 60;

interface SetupOptions extends GlobalOptions {
  install?: boolean;
  test?: boolean;
  monitor?: boolean;
  all?: boolean;
  config: string[];
  force?: boolean;
  sequential?: boolean;
  skipPrerequisites?: boolean;
  monitorDuration: number;
}

/** What the steps came to; one that was not asked for is absent. */
interface SetupResult {
  install?: { servers: InstallReport[]; reportFile: string };
  test?: ReturnType<typeof testReport> & { reportFile: string };
  monitor?: { seconds: number; servers: Watched[] };
}

export const setup = (run: Run) =>
  defineCommand(
    'setup',
    'take over a config, install, test and watch its servers, in one go',
    'mainspring setup --all --config servers.json',
  )
    .option('--config <file>', 'config file with servers; may be repeated', collect, [])
    .option('--install', 'install the programs of the servers')
    .option('--test', 'validate the servers')
    .option('--monitor', 'watch the servers for a while')
    .option('--all', 'install, test and monitor')
    .option('--force', 'install again what is there already')
    .option('--sequential', 'one server after the other')
    .option('--skip-prerequisites', 'do not check for npm, Python, … first')
    .option('--monitor-duration <seconds>', 'default 60', atLeastOne, DEFAULT_MONITOR_SECONDS)
    .action((options: SetupOptions) =>
      run(options, (context) => setUp(context, options), { handlesInterrupt: true }),
    );

async function setUp(context: CommandContext, options: SetupOptions): Promise<number> {
  const { all, install = all, test = all, monitor = all } = options;
  if (!install && !test && !monitor) {
    throw new MainspringError('WRONG_USAGE', 'Set up what?', {
      fix: 'mainspring setup --all, or some of --install --test --monitor.',
    });
  }
  const { output } = context;
  const { readConfigFiles } = await import('../../client/origins.js');
  const configs = await readConfigFiles(options.config);
  await ensureInstance(context);
  await takeOver(context, configs);
  const result: SetupResult = {};
  if (install) result.install = await installAll(context, options);
  await untilSettled(context);
  if (test) result.test = await testAll(context, options);
  if (monitor) result.monitor = await monitorAll(context, options.monitorDuration);
  const passed = isFine(result);
  output.answer({ passed, ...result }, textOf(result, output.fancy));
  return passed ? EXIT.ok : EXIT.failed;
}

async function ensureInstance({ output, settings }: CommandContext): Promise<void> {
  const { home } = settings();
  const { readInstance } = await import('../../client/instance.js');
  if (await readInstance(home)) return;
  output.progress(`No Mainspring runs on ${home}: starting one in the background.`);
  const { startInstanceInBackground } = await import('../start-instance.js');
  await startInstanceInBackground(home);
  output.progress('It goes on after this command; stop it with: mainspring down');
}

async function takeOver(context: CommandContext, configs: ConfigFile[]): Promise<void> {
  const { output, withClient } = context;
  if (configs.length === 0) return;
  await withClient(async ({ servers }) => {
    const changes = await servers.mergeConfigs(configs);
    for (const change of changes) reportChange(change, output.progress);
    for (const { name, change } of changes) if (change === 'vanished') await servers.remove(name);
    reportProblems(await servers.sync(), output.progress);
  });
}

async function installAll(
  { withClient, output, settings, interrupted }: CommandContext,
  { force, sequential, skipPrerequisites }: SetupOptions,
): Promise<SetupResult['install']> {
  output.progress('Installing …');
  const progress = followInstalls(output);
  const servers = await withClient(({ installs }) =>
    installs.install(undefined, {
      ...{ force, skipPrerequisites },
      ...(sequential && { concurrency: 1 }),
      onProgress: progress.show,
      signal: interrupted,
    }),
  ).finally(progress.end);
  const report = { finishedAt: new Date().toISOString(), servers };
  const { home } = settings();
  return { servers, reportFile: await writeReport(home, INSTALL_REPORT, undefined, report) };
}

async function untilSettled({ withClient, output, interrupted }: CommandContext): Promise<void> {
  output.spin('Waiting for the servers …');
  await withClient(async ({ servers }) => {
    for await (const { name, state, reason } of followUntilSettled(servers, interrupted)) {
      output.progress(`  ${state} ${name} (${firstLine(reason)})`);
    }
  });
}

async function testAll(
  context: CommandContext,
  { sequential }: SetupOptions,
): Promise<SetupResult['test']> {
  context.output.progress('Testing …');
  const report = testReport(
    await runValidation(context, undefined, sequential ? { parallel: 1 } : {}),
  );
  const { home } = context.settings();
  return { ...report, reportFile: await writeReport(home, 'test_report.json', undefined, report) };
}

async function monitorAll(
  { withClient, output, interrupted }: CommandContext,
  seconds: number,
): Promise<SetupResult['monitor']> {
  output.progress(`Watching for ${seconds} s …`);
  const servers = await withClient((client) =>
    watchServers(client.servers, {
      seconds,
      signal: interrupted,
      onList: (list) => output.progress(renderServers(list, output.fancy)),
      onChange: output.progress,
    }),
  );
  return { seconds, servers };
}

function isFine({ install, test, monitor }: SetupResult): boolean {
  const isHealthy = monitor?.servers.every(({ healthy }) => healthy) ?? true;
  const isThere = install?.servers.every(isInstalled) ?? true;
  return isThere && (test?.passed ?? true) && isHealthy;
}

function textOf({ install, test, monitor }: SetupResult, fancy: boolean): string {
  const parts: string[] = [];
  if (install) {
    const { servers, reportFile } = install;
    const table = servers.length > 0 ? renderInstalls(servers, fancy) : 'Nothing to install.';
    parts.push([table, ...installRemarks(servers), `Report: ${reportFile}`].join('\n'));
  }
  if (test) parts.push(`${renderValidation(test.servers, fancy)}\nReport: ${test.reportFile}`);
  if (monitor) {
    const rows = monitor.servers.map(({ name, state, health, healthy, changes }) => [
      ...[name, state, health, healthy ? 'yes' : 'no', String(changes.length)],
    ]);
    const head = ['Server', 'State', 'Health', 'Healthy all the time', 'Changes'];
    parts.push(renderTable(head, rows, fancy));
  }
  return parts.join('\n\n');
}
