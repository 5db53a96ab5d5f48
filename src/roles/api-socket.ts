import { type Logger } from 'pino';
import { type Front } from '../gateway/http/front';
import { tryFileLock } from '../base/file-lock';
import { apiSocket, claimSocket } from '../process/unix-socket';
import { reportOnce } from '../async/report-once';
import { every } from '../async/every';

/** How soon a gateway takes the socket over whose owner has ended. */
const TAKE_OVER_MS = 1_000;
const WHAT = 'Listening for mainspring stdio';

/**
 * Listens for the commands of the data directory's user. Of several gateways on it one has the socket, and another takes it over
 * when that one has ended. A gateway that cannot have it serves the network all the same, and says why.
 *
 * @returns what gives it up
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

/** Undefined while another gateway has it. */
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
