import { measure } from '../gateway/load';
import { NOTHING_BETWEEN } from '../gateway/contestants';
import { MCP_PEERS } from '../gateway/peers';
import { CALLERS, type Figures } from './figure-names';

const MEASURE_MS = 3_000;

/**
 * Measures what the direct path and the cache are compared with: for the direct path the fastest MCP proxy at each number
 * of callers, for the cache a server on HTTP that is written with the SDK.
 */
export async function bestPeers(progress: (line: string) => void): Promise<Figures> {
  const figures: Figures = {};
  const contestants = [
    ...MCP_PEERS.map((peer) => ({
      ...peer,
      kind: 'direct' as const,
    })),
    ...NOTHING_BETWEEN.filter(({ name }) => name.includes('HTTP')).map((one) => ({
      ...one,
      kind: 'cached' as const,
    })),
  ];
  for (const { name, kind, start } of contestants) {
    try {
      const running = await start();
      try {
        for (const callers of CALLERS) {
          const { perSecond } = await measure(running, callers, MEASURE_MS);
          const figure = `${kind}${callers}PerSecond` as const;
          figures[figure] = Math.max(figures[figure] ?? 0, perSecond);
          progress(`  ${name}, ${callers} callers: ${perSecond.toFixed(0)}/s`);
        }
      } finally {
        await running.stop();
      }
    } catch (error) {
      progress(`  ${name}: ${String(error).split('\n')[0]}`);
    }
  }
  return figures;
}
