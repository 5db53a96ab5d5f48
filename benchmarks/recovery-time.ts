import { type MainspringClient } from '../src';
import { isRunning } from './processes';
import { until } from './until';
import { pause } from '../src/async/pause';

/** Pause between two probes; they overlap, so that one that was handed to a dead process delays no other. */
const PROBE_INTERVAL_MS = 100;
/** More of them in flight would themselves be what a busy machine cannot keep up with. */
const MAX_PROBES_IN_FLIGHT = 10;
const LIMIT_MS = 120_000;

/** Sends the signal, and for SIGKILL resolves when the process is gone. */
export async function signalled(pid: number, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (isRunning(pid)) process.kill(pid, signal);
  if (signal === 'SIGKILL') await until(`the end of ${pid}`, () => !isRunning(pid), { pollMs: 1 });
}

/** Milliseconds from now until a call of the server that is made after now succeeds. */
export async function timeToAnswer(client: MainspringClient, server: string): Promise<number> {
  const startedAt = performance.now();
  const success = new AbortController();
  let tookMs = Number.NaN;
  const probe = async () => {
    // An error is no answer: the call needs something that is unavailable.
    const call = await client.callTool(server, 'echo', { text: 'probe' }).catch(() => undefined);
    if (call?.outcome !== 'ok' || success.signal.aborted) return;
    tookMs = performance.now() - startedAt;
    success.abort();
  };
  const probes = new Set<Promise<void>>();
  while (!success.signal.aborted) {
    if (performance.now() - startedAt > LIMIT_MS) throw new Error(`${server} does not answer`);
    if (probes.size < MAX_PROBES_IN_FLIGHT) {
      const sent = probe().finally(() => probes.delete(sent));
      probes.add(sent);
    }
    await pause(PROBE_INTERVAL_MS, success.signal);
  }
  await Promise.all(probes); // nothing of this is under way any more when the client is closed
  return tookMs;
}

/** Milliseconds from now until the control worker has carried out a command, repeated whenever it fails. */
export async function timeToCommand(client: MainspringClient, server: string): Promise<number> {
  const startedAt = performance.now();
  const command = async () => client.servers.reload(server, { wait: false });
  await until(`a command for ${server}`, command, { limitMs: LIMIT_MS });
  return performance.now() - startedAt;
}
