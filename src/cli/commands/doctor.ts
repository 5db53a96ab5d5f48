import { type Examination } from '../../doctor/examine';
import { type Fix } from '../../doctor/fix';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { changesOf, renderFindings } from '../text/doctor-text';
import { EXIT } from '../exit-codes';
import { collect } from '../options/parse';

interface DoctorOptions extends GlobalOptions {
  config: string[];
  fix?: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring doctor --fix')
    .argument('[names...]', 'Check only what these servers need')
    .option(
      '--config <file>',
      'Check only what the servers in this config need, before importing it (repeatable)',
      collect,
      [],
    )
    .option('--fix', 'Fix what does not require root, then check again')
    .action((names: string[], options: DoctorOptions) =>
      run(options, (context) => checkMachine(context, names, options), {
        handlesInterrupt: options.fix === true,
      }),
    );

async function checkMachine(
  context: CommandContext,
  names: string[],
  { fix: isFixing = false, config: files }: DoctorOptions,
): Promise<number> {
  const { output } = context;
  const { examine } = await import('../../doctor/examine.js');
  const { summarise } = await import('../../doctor/finding.js');
  output.spin('Checking…');
  const examination = {
    ...(await examinationOf(context, names)),
    ...(await configsOf(files, output)),
  };
  const before = await examine(examination);
  const fixes = isFixing ? await fix(context, before.findings) : [];
  const { findings, platform } = fixes.some(({ done }) => done)
    ? await examine(examination)
    : before;
  const summary = summarise(findings);
  const changes = isFixing ? changesOf(before.findings, findings, fixes) : [];
  const report = {
    ok: summary.missing === 0,
    home: examination.settings.home,
    platform,
    summary,
    findings,
    ...(isFixing && { fixes }),
  };
  output.answer(report, [...renderFindings(findings, output.fancy), ...changes].join('\n'));
  return report.ok ? EXIT.ok : EXIT.failed;
}

async function examinationOf(context: CommandContext, names: string[]): Promise<Examination> {
  const settings = context.settings();
  const { readInstance } = await import('../../offline/instance.js');
  const instance = await readInstance(settings.home).catch(() => undefined); // no folder that we may read
  if (!instance) return { settings, env: process.env, names };
  const { temporal, pids } = instance;
  const [hostPid] = Object.values(pids.hosts);
  const running = { address: temporal.address, pid: pids.temporal, hostPid };
  return { settings, env: process.env, names, instance: running };
}

/** Reads the configs, and reports on the way what their owner should know, as an import does. */
async function configsOf(
  files: readonly string[],
  { progress }: CommandContext['output'],
): Promise<Pick<Examination, 'configs'>> {
  if (files.length === 0) return {};
  const { configWarnings, readConfigFiles } = await import('../../offline/origins.js');
  const configs = await readConfigFiles(files);
  for (const warning of configWarnings(configs)) progress(`Warning: ${warning}`);
  return { configs };
}

async function fix(
  { output, settings, interrupted }: CommandContext,
  findings: Parameters<typeof changesOf>[0],
): Promise<Fix[]> {
  const { fixFindings } = await import('../../doctor/fix.js');
  return fixFindings(findings, {
    home: settings().home,
    env: process.env,
    signal: interrupted,
    onStep: (step) => output.spin(`${step}…`),
  });
}
