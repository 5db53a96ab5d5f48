import { type ObservedStop } from '../../process/observed-stop';
import { type Check } from '../check';
import { findingOf, passed, type Problem, skipped } from '../finding';

export const shutdown: Check = {
  name: 'shutdown',
  extraMs: ({ timeouts }) => 2 * timeouts.stopMs,
  async run(trial, signal) {
    const { type, process, timeouts } = trial.spec;
    const connection = await trial.connection(signal);
    if (process === undefined) {
      await connection.close(timeouts.stopMs);
      return skipped('its process is not managed by Mainspring');
    }
    const stop = await connection.shutDown(timeouts.stopMs);
    if (!stop) return passed('already exited');
    const ended = { stdin: 'when its stdin was closed', SIGTERM: 'on SIGTERM', SIGKILL: '' }[
      stop.by
    ];
    return findingOf(
      problemsOf(stop, type === 'stdio', timeouts.stopMs),
      `exited ${ended} after ${Math.round(stop.tookMs)} ms and left nothing behind`,
    );
  },
};

/**
 * A server on a port does not notice that its stdin was closed: SIGTERM is the graceful way there.
 */
function problemsOf(stop: ObservedStop, isStdio: boolean, stopMs: number): Problem[] {
  const problems: Problem[] = [];
  if (stop.by === 'SIGKILL') {
    const text = `neither closing its stdin nor SIGTERM stopped it within ${stopMs} ms; it was killed`;
    problems.push({ status: 'failed', text });
  }
  if (stop.by === 'SIGTERM' && isStdio) {
    const text = `did not exit within ${stopMs} ms after its stdin was closed; SIGTERM stopped it`;
    problems.push({ status: 'warning', text });
  }
  if (stop.leftOthers) {
    problems.push({ status: 'failed', text: 'left processes behind; they were killed' });
  }
  return problems;
}
