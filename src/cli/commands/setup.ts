import { type ConfigChange, type ConfigFile } from '../../offline/origins';
import { type InstallReport } from '../../domain/programs/installs';
import { planTests } from '../../domain/programs/setup-plan';
import {
  isEveryStepFine,
  isFine,
  type SetupResult,
  type Step,
  STEPS,
} from '../../domain/programs/setup-result';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { followInstalls } from '../actions/follow-installs';
import { firstLine } from '../text/install-text';
import { watchServers } from '../actions/monitor/monitor-step';
import { atLeastOne, collect } from '../options/parse';
import { INSTALL_REPORT, TEST_REPORT, writeReport } from '../options/report-file';
import { followUntilSettled } from '../../client/servers/follow-until-settled';
import { setupText } from '../text/setup-text';
import { renderServers } from '../text/table';
import { dropVanished } from '../actions/apply-configs';
import { reportProblems } from '../../offline/report-changes';
import { runValidation, testReport } from '../actions/run-validation';

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

/** Context of a setup. */
interface Setup {
  context: CommandContext;
  options: SetupOptions;
  /** Servers that it is about; undefined means all of them. */
  names: string[] | undefined;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring setup --config servers.json')
    .option(
      '--config <file>',
      'Config file to import; process only its servers (repeatable, default: all servers)',
      collect,
      [],
    )
    .option('--install', 'Install the programs of the servers')
    .option('--test', 'Validate the servers')
    .option('--monitor', 'Monitor the servers for a period of time')
    .option('--all', 'Install, test and monitor (default)')
    .option('--force', 'Continue if prerequisites, installations or tests fail')
    .option('--sequential', 'Process one server at a time')
    .option('--skip-prerequisites', 'Skip the check for npm, Python and other prerequisites')
    .option(
      '--monitor-duration <seconds>',
      'How long to monitor',
      atLeastOne,
      DEFAULT_MONITOR_SECONDS,
    )
    .action((options: SetupOptions) =>
      run(options, (context) => setUp(context, options), { handlesInterrupt: true }),
    );

async function setUp(context: CommandContext, options: SetupOptions): Promise<number> {
  const { output, interrupted } = context;
  const { readConfigFiles } = await import('../../offline/origins.js');
  const configs = await readConfigFiles(options.config);
  await ensureInstance(context);
  const taken = await takeOver(context, configs);
  const names = configs.length > 0 ? taken.names : undefined;
  const result = await perform({ context, options, names }, { conflicts: taken.conflicts });
  const passed = isFine(result);
  output.answer({ passed, ...result }, setupText(result, output.fancy));
  if (interrupted.aborted) return EXIT.interrupted;
  return passed ? EXIT.ok : EXIT.failed;
}

/** Performs the steps; one that fails ends the setup, unless that was forced. */
async function perform(setup: Setup, result: SetupResult): Promise<SetupResult> {
  const { context, options } = setup;
  const chosen = chosenSteps(options);
  for (const step of STEPS) {
    // They start with what was installed, without an installation of their own.
    if (step === 'test') await startServers(setup);
    if (!chosen.has(step)) continue;
    if (context.interrupted.aborted) return { ...result, stoppedBefore: step };
    if (!isEveryStepFine(result) && !options.force) return { ...result, stoppedBefore: step };
    if (step === 'install') result.install = await installAll(setup);
    if (step === 'test') result.test = await testAll(setup, result.install?.servers ?? []);
    if (step === 'monitor') result.monitor = await monitorAll(setup);
  }
  return result;
}

function chosenSteps({ all, install, test, monitor }: SetupOptions): ReadonlySet<Step> {
  const asked = { install, test, monitor };
  const named = STEPS.filter((step) => asked[step]);
  return new Set(all || named.length === 0 ? STEPS : named);
}

async function ensureInstance({ output, settings }: CommandContext): Promise<void> {
  const { home } = settings();
  const { readInstance } = await import('../../offline/instance.js');
  if (await readInstance(home)) return;
  output.progress(`Mainspring is not running on ${home}. Starting it in the background.`);
  const { startInstanceInBackground } = await import('../actions/start-instance.js');
  await startInstanceInBackground(home);
  output.progress('Mainspring keeps running after this command. To stop it: mainspring down');
}

/** Imports the servers of the files into the inventory, and returns their names. */
async function takeOver(
  { output, withClient }: CommandContext,
  configs: ConfigFile[],
): Promise<{ names: string[]; conflicts: SetupResult['conflicts'] }> {
  if (configs.length === 0) return { names: [], conflicts: [] };
  return withClient(async ({ servers }) => {
    const changes = await servers.mergeConfigs(configs);
    await dropVanished(servers, changes, output.progress);
    return {
      names: changes.filter(isTakenServer).map(({ name }) => name),
      conflicts: changes.flatMap((change) =>
        change.change === 'conflict' ? [{ name: change.name, reason: change.error.message }] : [],
      ),
    };
  });
}

function isTakenServer({ kind, change }: ConfigChange): boolean {
  if (kind !== 'server') return false;
  return change === 'added' || change === 'changed' || change === 'unchanged';
}

async function installAll({ context, options, names }: Setup): Promise<SetupResult['install']> {
  const { withClient, output, settings, interrupted } = context;
  const { sequential, skipPrerequisites } = options;
  output.progress('Installing…');
  const progress = followInstalls(output);
  const servers = await withClient(({ installs }) =>
    installs.install(names, {
      skipPrerequisites,
      onlyPrograms: true,
      ...(sequential && { concurrency: 1 }),
      onProgress: progress.show,
      signal: interrupted,
    }),
  ).finally(progress.end);
  const report = { finishedAt: new Date().toISOString(), servers };
  const { home } = settings();
  return { servers, reportFile: await writeReport(home, INSTALL_REPORT, undefined, report) };
}

async function startServers({ context, names }: Setup): Promise<void> {
  const { withClient, output, interrupted } = context;
  if (interrupted.aborted) return;
  output.spin('Waiting for the servers…');
  await withClient(async ({ servers }) => {
    if (names) reportProblems(await servers.sync({ names }), output.progress);
    for await (const server of followUntilSettled(servers, interrupted, names)) {
      output.progress(`  ${server.state} ${server.name} (${firstLine(server.reason)})`);
    }
  });
}

async function testAll(
  { context, options, names }: Setup,
  installs: readonly InstallReport[],
): Promise<SetupResult['test']> {
  const { output, settings, withClient } = context;
  output.progress('Testing…');
  const { test, skip } = await withClient(async ({ servers }) =>
    planTests(await servers.statuses(names), installs, await servers.dependencies()),
  );
  for (const { server, reason } of skip) output.progress(`  ${server}: not tested, ${reason}`);
  const reports = await runValidation(context, test, options.sequential ? { parallel: 1 } : {});
  const report = { ...testReport(reports), skipped: skip };
  const { home } = settings();
  return { ...report, reportFile: await writeReport(home, TEST_REPORT, undefined, report) };
}

async function monitorAll({ context, options, names }: Setup): Promise<SetupResult['monitor']> {
  const { withClient, output, interrupted } = context;
  const { monitorDuration: seconds } = options;
  output.progress(`Monitoring for ${seconds} s…`);
  const servers = await withClient((client) =>
    watchServers(client.servers, {
      names,
      seconds,
      signal: interrupted,
      onList: (list) => output.progress(renderServers(list, output.fancy)),
      onChange: output.progress,
    }),
  );
  return { seconds, servers };
}
