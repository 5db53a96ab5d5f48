import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { packageRoot } from '../src/base/package-root';
import { type BenchResult } from './bench-result';
import { startMainspring } from './gateway/contestants';
import { type Load, measure } from './gateway/load';
import { MCP_PEERS } from './gateway/peers';
import { startNaive } from './naive';
import { type Line, renderPlot } from './plot/render-plot';

const CALLERS = [1, 2, 4, 8, 16, 32, 64];
const MEASURE_MS = 3_000;
const FILE = path.join(packageRoot(), 'docs', 'benchmarks.svg');

/** Draws docs/benchmarks.svg: throughput and latency against the number of callers. */
export async function benchPlot(progress: (line: string) => void): Promise<BenchResult> {
  const lines: Line[] = [];
  const run = async (name: string, load: Load) => {
    const line = await lineOf(name, load);
    progress(`  ${name}: ${line.points.map(({ perSecond }) => perSecond.toFixed(0)).join(' ')}/s`);
    return line;
  };
  const naive = await startNaive();
  const target = {
    open: async () => ({
      call: async () => void (await naive.call()),
      close: async () => undefined,
    }),
  };
  lines.push(await run('workflow + activity', { target, mark: 'mainspring-naive-' }));
  await naive.close();

  const { instance, targets } = await startMainspring();
  try {
    for (const name of ['durable', 'direct path', 'cached']) {
      const found = targets.find((one) => one.name === `Mainspring, ${name}`);
      if (!found) throw new Error(`no target ${name}`);
      lines.push(await run(found.name, { target: found.target, mark: instance.mark }));
    }
  } finally {
    await instance.close();
  }

  const peers: Line[] = [];
  for (const { name, start } of MCP_PEERS) {
    const running = await start();
    peers.push(await run(name, running).finally(running.stop));
  }
  lines.push(bestOf(peers));
  await writeFile(FILE, renderPlot(lines));
  return { text: `Written: ${FILE}`, json: { lines } };
}

async function lineOf(name: string, load: Load): Promise<Line> {
  const points: Line['points'] = [];
  for (const callers of CALLERS) {
    const { perSecond, p50Ms } = await measure(load, callers, MEASURE_MS);
    points.push({ callers, perSecond, p50Ms });
  }
  return { name, points };
}

/** The fastest peer at each number of callers, as if they were one. */
function bestOf(peers: readonly Line[]): Line {
  const points = CALLERS.flatMap((callers) => {
    const all = peers.flatMap((peer) => peer.points.filter((point) => point.callers === callers));
    return all.sort((a, b) => b.perSecond - a.perSecond).slice(0, 1);
  });
  return { name: 'fastest other MCP proxy', points };
}
