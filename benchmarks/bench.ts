import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { type BenchOptions, type BenchResult, resultOf } from './bench-result';
import { benchCompare } from './compare';
import { benchCore } from './core';
import { benchFleet } from './fleet';
import { benchGateway } from './gateway';
import { benchGrowth } from './growth';
import { benchInstall } from './install';
import { benchPlot } from './plot';
import { benchRecovery } from './recovery';
import { benchSoak } from './soak';

type Bench = (progress: (line: string) => void, options: BenchOptions) => Promise<BenchResult>;

/** Parts of the benchmark; a bare `npm run bench` is `core`. */
const PARTS: Record<string, Bench> = {
  core: async (progress) => resultOf(await benchCore(progress)),
  install: async (progress) => resultOf(await benchInstall(progress)),
  recovery: benchRecovery,
  fleet: async (progress, options) => resultOf(await benchFleet(progress, options)),
  soak: benchSoak,
  growth: benchGrowth,
  gateway: benchGateway,
  compare: benchCompare,
  plot: benchPlot,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: {
      json: { type: 'string' },
      rounds: { type: 'string', default: '10' },
      servers: { type: 'string', default: '100' },
      onDemand: { type: 'string', default: '1000' },
      minutes: { type: 'string', default: '10' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string' },
    },
    allowPositionals: true,
  });
  const [part = 'core', commit] = positionals;
  const bench = PARTS[part];
  if (!bench) {
    throw new Error(`There is no part "${part}"; there are: ${Object.keys(PARTS).join(', ')}.`);
  }
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  const [load = 0] = os.loadavg();
  console.log(
    `${os.cpus().length} × ${cpu}, Node ${process.version}, load ${load.toFixed(1)} at the start`,
  );
  const { text, json } = await bench((line) => console.error(line), {
    rounds: Number(values.rounds),
    servers: Number(values.servers),
    onDemand: Number(values.onDemand),
    minutes: Number(values.minutes),
    seed: Number(values.seed),
    commit,
    only: values.only?.split(','),
  });
  console.log(text);
  if (values.json) await writeFile(values.json, `${JSON.stringify(json, null, 2)}\n`);
  console.log(JSON.stringify(json));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
