import { type MainspringClient } from '../../client/mainspring-client';
import {
  happened,
  healthReport,
  type HealthReport,
  missed,
  newWatch,
  sampled,
  type Watch,
} from '../../domain/health/health-report';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { msText, serversText } from '../text/health-text';
import { intervalOption } from '../options/interval-option';
import { durationMs } from '../options/parse';
import { HEALTH_REPORT, writeReport } from '../options/report-file';
import { healthText, renderTable, stateText } from '../text/table';
import { isPassing, pollServers } from '../actions/watch-servers';
import { eventText } from './events';

/** Whoever reads the report while the monitor runs finds one that is at most so old. */
const WRITE_EVERY_MS = 5 * 60_000;

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
    const watch = await watchFor(client, watching).finally(() => clearTimeout(timer));
    const report = healthReport(watch, { nowMs: Date.now(), intervalMs, finished: true });
    const file = await write(report);
    output.answer(
      { ...report, reportFile: file },
      `${renderReport(report, output.fancy)}\nReport: ${file}`,
    );
    return report.totals.failing.length === 0 ? EXIT.ok : EXIT.failed;
  });
}

interface Watching {
  intervalMs: number;
  until: AbortSignal;
  write: (report: HealthReport) => Promise<string>;
  progress: (line: string) => void;
}

/** What was seen until `until` fires: by looking now and then, and exactly by the events in between. */
async function watchFor(
  { health, events }: MainspringClient,
  { intervalMs, until, write, progress }: Watching,
): Promise<Watch> {
  let watch = newWatch(Date.now());
  const look = () => health.list({ sinceMs: watch.startedAtMs });
  const follow = async () => {
    for await (const event of events.follow({ limit: 0, signal: until })) {
      watch = happened(watch, event);
      if (event.kind !== 'note') progress(eventText(event));
    }
  };
  const following = follow();
  following.catch(() => undefined); // heard of below, also when it fails while nobody waits for it
  let writtenAt = -Infinity;
  for await (const seen of pollServers(look, intervalMs, until)) {
    watch = 'missed' in seen ? missed(watch) : sampled(watch, seen.servers, seen.atMs);
    if ('missed' in seen) progress(seen.missed);
    if (performance.now() - writtenAt < WRITE_EVERY_MS) continue;
    writtenAt = performance.now();
    await write(healthReport(watch, { nowMs: Date.now(), intervalMs, finished: false }));
  }
  await following;
  try {
    return sampled(watch, await look(), Date.now());
  } catch (error) {
    if (!isPassing(error)) throw error;
    return missed(watch);
  }
}

function renderReport({ servers, totals }: HealthReport, fancy: boolean): string {
  const head = [
    'Name',
    'State',
    'Health',
    'Available',
    'p50',
    'p95',
    'Restarts',
    'Calls',
    'Errors',
  ];
  const rows = servers.map(({ server, state, health, latency, restarts, calls, ...one }) => [
    server,
    stateText(state, fancy),
    healthText(health, fancy),
    percentText(one.availabilityPercent),
    msText(latency.p50Ms),
    msText(latency.p95Ms),
    String(restarts),
    String(calls.calls),
    String(Object.values(calls.errors).reduce((sum, { count }) => sum + count, 0)),
  ]);
  const available = percentText(totals.availabilityPercent);
  const summary = `${serversText(totals.servers)}, available ${available}, ${totals.restarts} restarts, ${totals.changes} changes`;
  return [renderTable(head, rows, fancy), summary].join('\n');
}

function percentText(percent: number | null): string {
  return percent === null ? '-' : `${percent}%`;
}
