import path from 'node:path';
import { type Client } from '@temporalio/client';
import { type Logger } from 'pino';
import { withFileLock } from '../base/file-lock';
import { hostsFolder, workerIdentity } from '../process/group-records';
import { sentBy } from '../process/sent-journal';
import { hasDeadHost, sweepOrphans } from '../process/sweep';
import { releaseDeadHost } from './release-dead-host';
import { every } from '../async/every';

/** Interval at which the neighbours are checked, in ms. */
const CHECK_MS = 500;
/** Longest release of a dead host, in ms: by then the heartbeat timeouts have done the same. */
const GIVE_UP_LIMIT_MS = 10_000;

/**
 * Ends what dead hosts of this data directory have left: first their processes, then what Temporal assumes that they
 * still hold, so that another host gets it at once. One host at a time does it.
 */
export async function takeOver(home: string, client: Client, logger: Logger): Promise<void> {
  const file = path.join(hostsFolder(home), 'sweep.lock');
  await withFileLock(file, { timeoutMs: Infinity }, async () => {
    const swept = await sweepOrphans(home, async (hostId, host) => {
      try {
        const dead = { hostId, identity: workerIdentity(hostId, host) };
        const wasSent = sentBy(home, hostId, host);
        const given = await client.withDeadline(Date.now() + GIVE_UP_LIMIT_MS, () =>
          releaseDeadHost(client, { ...dead, wasSent }),
        );
        logger.warn({ dead: hostId, ...given }, 'released the sessions and calls of a dead host');
      } catch (error) {
        // The heartbeat timeouts do the same, later.
        logger.warn(
          { dead: hostId, error: String(error) },
          'could not release the sessions and calls of a dead host',
        );
      }
    });
    if (swept.length > 0) logger.warn({ swept }, 'ended processes left behind by a dead host');
  });
}

/** Takes over from a host of this data directory as soon as its process is gone; returns a function that ends the watch. */
export function watchNeighbours(
  home: string,
  ownId: string,
  client: Client,
  logger: Logger,
): () => Promise<void> {
  return every(logger, {
    what: 'Taking over from dead hosts',
    pauseMs: CHECK_MS,
    run: async () => {
      if (hasDeadHost(home, ownId)) await takeOver(home, client, logger);
    },
  });
}
