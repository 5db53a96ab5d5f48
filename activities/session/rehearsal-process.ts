import { setTimeout as sleep } from 'node:timers/promises';
import { openConnection } from '../../src/mcp/session/connection';
import { containersFolder, endContainers } from '../../src/process/container';
import { startGuard } from '../../src/process/guard';
import { openServerLog } from '../../src/process/log-file';
import { createMask } from '../../src/process/mask';
import { identityOf } from '../../src/process/process-identity';
import { BEGUN, type Rehearsal, SURVIVED } from './rehearsal';

/** Runs the process of a rehearsal: it does what a host does with a server that starts, and may die of it. */
async function rehearse(rehearsal: Rehearsal): Promise<void> {
  const { home, hostId, spec, secrets, logFile, forMs } = rehearsal;
  const containers = containersFolder(home, hostId, identityOf(process.pid));
  const guard = startGuard({ containers });
  const log = openServerLog(logFile, createMask(secrets));
  process.send?.(BEGUN);
  const connection = await openConnection(spec, {
    hostId,
    log,
    containers,
    onSpawn: (pgid) => guard.watch(pgid),
    onGone: (pgid) => guard.release(pgid),
  });
  await Promise.all([connection.listTools(), connection.listResourcesAndPrompts()]);
  await Promise.race([sleep(forMs), connection.closed]);
  await connection.kill();
  await endContainers(containers);
}

process.once('disconnect', () => process.exit(1)); // the host is gone
process.once('message', (rehearsal: Rehearsal) => {
  rehearse(rehearsal)
    .catch(() => undefined) // its real start reports why it does not start
    .finally(() => process.send?.(SURVIVED, () => process.exit(0)));
});
