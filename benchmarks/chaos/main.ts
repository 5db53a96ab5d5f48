import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type ChaosOptions } from './plan';
import { renderReport, reportOf } from './report';
import { runChaos } from './run';

const DEFAULTS = { seed: '1', calls: '1000', rate: '20', hosts: '2', servers: '4' };
/** Default, unless `--faults` is given. */
const FAULT_EVERY_MS = 2_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: DEFAULTS.seed },
      calls: { type: 'string', default: DEFAULTS.calls },
      rate: { type: 'string', default: DEFAULTS.rate },
      hosts: { type: 'string', default: DEFAULTS.hosts },
      servers: { type: 'string', default: DEFAULTS.servers },
      faults: { type: 'string' },
      separate: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  const calls = wholeOf('calls', values.calls);
  const ratePerSecond = wholeOf('rate', values.rate);
  const usual = Math.ceil((calls * 1_000) / ratePerSecond / FAULT_EVERY_MS);
  const options: ChaosOptions = {
    seed: wholeOf('seed', values.seed),
    calls,
    ratePerSecond,
    hosts: wholeOf('hosts', values.hosts),
    servers: wholeOf('servers', values.servers),
    separate: values.separate,
    faults: values.faults === undefined ? usual : wholeOf('faults', values.faults),
  };
  const result = await runChaos(options, { onProgress: (line) => console.error(line) });
  const report = reportOf(result);
  const { seed, hosts, servers, separate, faults } = options;
  const flags = { seed, calls, rate: ratePerSecond, hosts, servers, faults };
  const written = Object.entries(flags).map(([name, value]) => `--${name} ${value}`);
  if (separate) written.push('--separate');
  console.log(renderReport(report, `npm run chaos -- ${written.join(' ')}`));
  if (values.json) await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
  return report.violations.length === 0 ? 0 : 1;
}

function wholeOf(name: string, text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new Error(`--${name}: expected a whole number above 0, got "${text}"`);
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
