import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from '../src/mcp/connection';
import { startGuard } from '../src/process/guard';
import { openServerLog } from '../src/process/log-file';
import { createMask } from '../src/process/mask';
import { BEGUN, type Rehearsal, SURVIVED } from './rehearsal';

/** The process of a rehearsal: it does what a host does with a server that starts, and may die of it. */
async function rehearse({ hostId, spec, secrets, logFile, forMs }: Rehearsal): Promise<void> {
  const guard = startGuard();
  const log = openServerLog(logFile, createMask(secrets));
  process.send?.(BEGUN);
  const connection = await openConnection(spec, {
    ...{ hostId, log },
    onSpawn: (pgid) => guard.watch(pgid),
    onGone: (pgid) => guard.release(pgid),
  });
  await Promise.all([connection.listTools(), connection.listOffered()]);
  await Promise.race([sleep(forMs), connection.closed]);
  await connection.kill();
}

process.once('disconnect', () => process.exit(1)); // the host is gone
process.once('message', (rehearsal: Rehearsal) => {
  rehearse(rehearsal)
    .catch(() => undefined) // that it does not start is told by its real start
    .finally(() => process.send?.(SURVIVED, () => process.exit(0)));
});
