import { MainspringError } from '../../src/base/errors';
import { DOUBTFUL_INTERVAL_MS } from '../../src/domain/health/health-policy';
import { type Serving, type SupervisedServer } from '../server/supervised-server';
import { PING_TIMEOUT_MS } from '../../src/domain/health/health';
import { pause } from '../../src/async/pause';

const PING_INTERVAL_MS = 10_000;

/** Failed pings in a row after which a remote server is reconnected: nothing else may reveal that it is gone. */
const MAX_FAILED_PINGS = 2;

/** Pings a remote server, independent of its health checks and their interval, until `ended`. */
export async function keepConnected(
  server: Pick<SupervisedServer, 'abandon'>,
  serving: Serving,
  ended: AbortSignal,
): Promise<void> {
  for (let failed = 0; !ended.aborted;) {
    const pauseMs = failed > 0 ? DOUBTFUL_INTERVAL_MS : PING_INTERVAL_MS;
    await pause(pauseMs, ended, { ref: false });
    if (ended.aborted) return;
    const isAnswered = await serving.connection.ping(PING_TIMEOUT_MS).then(
      () => true,
      () => false,
    );
    failed = isAnswered ? 0 : failed + 1;
    if (failed >= MAX_FAILED_PINGS) server.abandon(serving, lost(failed));
  }
}

function lost(pings: number): MainspringError {
  return new MainspringError('CONNECTION_LOST', `the server did not answer ${pings} pings`);
}
