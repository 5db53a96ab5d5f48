import { type Logger } from 'pino';
import { type Front } from '../gateway/http/front';
import { apiSocket, claimSocket } from '../process/socket-place';
import { every } from './every';
import { lockFile } from './process-lock';

/** How soon a gateway takes the socket over whose owner has ended. */
const TAKE_OVER_MS = 1_000;

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
  let told: string | undefined;
  const look = async () => {
    if (giveUp) return;
    try {
      giveUp = await take(known, front);
      if (giveUp) logger.info({ socket: known }, 'the gateway listens for commands, too');
    } catch (error) {
      const why = String(error);
      if (why !== told) logger.error({ error }, 'mainspring stdio cannot reach this gateway');
      told = why;
    }
  };
  await look();
  const stop = every(TAKE_OVER_MS, logger, look);
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
  const lock = await lockFile(`${known}.lock`);
  if ('heldBy' in lock) return undefined;
  try {
    const place = claimSocket(known);
    await front.listenOnSocket(place.path);
    place.publish();
    return async () => {
      place.remove();
      await lock.release();
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
