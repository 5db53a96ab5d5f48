import { type Logger } from 'pino';
import { type Front } from '../gateway/http/front';
import { tryFileLock } from '../base/file-lock';
import { apiSocket, claimSocket } from '../process/unix-socket';
import { reportOnce } from '../async/report-once';
import { every } from '../async/every';

/** Interval at which a gateway tries to take over the socket of one that has ended, in ms. */
const TAKE_OVER_MS = 1_000;
const WHAT = 'Listening for mainspring stdio';

/**
 * Listens for the commands of the data directory's user. Of several gateways on it one has the socket, and another
 * takes it over when that one has ended. A gateway that cannot have it still serves the network, and reports why.
 *
 * @returns a function that releases it
 */
export async function serveApiSocket(
  home: string,
  front: Pick<Front, 'listenOnSocket'>,
  logger: Logger,
): Promise<() => Promise<void>> {
  const known = apiSocket(home);
  let giveUp: (() => Promise<void>) | undefined;
  const look = async () => {
    giveUp ??= await take(known, front);
  };
  await reportOnce(logger, WHAT)(look());
  const stop = every(logger, { what: WHAT, pauseMs: TAKE_OVER_MS, run: look });
  return async () => {
    await stop();
    await giveUp?.();
  };
}

/** Takes the socket; undefined while another gateway has it. */
async function take(
  known: string,
  front: Pick<Front, 'listenOnSocket'>,
): Promise<(() => Promise<void>) | undefined> {
  const lock = await tryFileLock(`${known}.lock`);
  if (!lock) return undefined;
  try {
    const place = claimSocket(known);
    await front.listenOnSocket(place.path);
    place.publish();
    return async () => {
      place.remove();
      lock.release();
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
