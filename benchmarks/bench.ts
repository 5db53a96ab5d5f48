import { writeFile } from 'node:fs/promises';
import os from 'node:os';
import { parseArgs } from 'node:util';
import { benchCore } from './core';
import { renderFigures } from './figures';

/** Parts of the benchmark; a bare `npm run bench` is `core`. */
const PARTS = { core: benchCore };

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'string' } },
    allowPositionals: true,
  });
  const [part = 'core'] = positionals;
  if (part !== 'core') {
    throw new Error(`There is no part "${part}"; there are: ${Object.keys(PARTS).join(', ')}.`);
  }
  const cpu = os.cpus()[0]?.model ?? 'unknown processor';
  const [load = 0] = os.loadavg();
  console.log(
    `${os.cpus().length} × ${cpu}, Node ${process.version}, load ${load.toFixed(1)} at the start`,
  );
  const figures = await PARTS[part]((line) => console.error(line));
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
