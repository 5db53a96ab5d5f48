import { healthReport, type HealthReport } from '../../domain/health/health-report';
import { monitorServers } from '../actions/monitor/monitor-servers';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { intervalOption } from '../options/interval-option';
import { durationMs } from '../options/parse';
import { HEALTH_REPORT, writeReport } from '../options/report-file';
import { renderReport } from '../text/health-report-text';

interface MonitorOptions extends GlobalOptions {
  duration?: number;
  interval: number;
  out?: string;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring monitor --duration 5m')
    .option('--duration <duration>', 'How long to monitor (default: until Ctrl-C)', durationMs)
    .addOption(intervalOption('Sampling interval', '10s'))
    .option(
      '--out <file>',
      'Report file (default: reports/health_report.json in the data directory)',
    )
    .addHelpText('after', '\nThe exit code is 1 if a server was unavailable at any time.')
    .action((options: MonitorOptions) =>
      run(options, (context) => act(context, options), { handlesInterrupt: true }),
    );

async function act(context: CommandContext, options: MonitorOptions): Promise<number> {
  const { output, settings, withClient, interrupted } = context;
  const { duration, interval: intervalMs, out } = options;
  const { home } = settings();
  const write = (report: HealthReport) => writeReport(home, HEALTH_REPORT, out, report);
  const end = new AbortController();
  interrupted.addEventListener('abort', () => end.abort(), { once: true });
  return withClient(async (client) => {
    const timer = duration === undefined ? undefined : setTimeout(() => end.abort(), duration);
    const watching = { intervalMs, until: end.signal, write, progress: output.progress };
    const watch = await monitorServers(client, watching).finally(() => clearTimeout(timer));
    const report = healthReport(watch, { nowMs: Date.now(), intervalMs, finished: true });
    const file = await write(report);
    output.answer(
      { ...report, reportFile: file },
      `${renderReport(report, output.fancy)}\nReport: ${file}`,
    );
    return report.totals.failing.length === 0 ? EXIT.ok : EXIT.failed;
  });
}
