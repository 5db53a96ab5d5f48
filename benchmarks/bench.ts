import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchCore } from './core';
import { type Figure, renderFigures } from './figures';
import { benchInstall } from './install';

/** Parts of the benchmark; a bare `npm run bench` is `core`. */
const PARTS: Record<string, (progress: (line: string) => void) => Promise<Figure[]>> = {
  core: benchCore,
  install: benchInstall,
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' } },
    allowPositionals: true,
  });
  const [part = 'core'] = positionals;
  const bench = PARTS[part];
  if (!bench) {
    throw new Error(`There is no part "${part}"; there are: ${Object.keys(PARTS).join(', ')}.`);
  }
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  const [load = 0] = os.loadavg();
  console.log(
    `${os.cpus().length} × ${cpu}, Node ${process.version}, load ${load.toFixed(1)} at the start`,
  );
  const figures = await bench((line) => console.error(line));
  console.log(renderFigures(figures));
  const document = Object.fromEntries(figures.map(({ key, value }) => [key, value]));
  if (values.json) await writeFile(values.json, `${JSON.stringify(document, null, 2)}\n`);
  console.log(JSON.stringify(document));
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
