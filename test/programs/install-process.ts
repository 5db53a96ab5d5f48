/**
 * Installs as a host does. Arguments: data directory, and an InstallRequest as JSON. Prints a line of JSON for each
 * process group that it starts, and one with the result.
 */
import { openPrograms } from '../../src/programs/programs';
import { reportOf } from '../../src/base/errors';
import { startGuard } from '../../src/process/guard';
import { openStore } from '../../src/store/open-store';
import { type InstallRequest } from '../../src/programs/installer';

const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(home: string, request: InstallRequest): Promise<void> {
  const store = await openStore(process.env.TEST_STORE ?? home);
  const guard = startGuard();
  const programs = openPrograms({
    home,
    locks: store.locks,
    env: process.env,
    onSpawn(pgid) {
      guard.watch(pgid);
      print({ pgid });
    },
    onGone: (pgid) => guard.release(pgid),
  });
  const io = {
    signal: new AbortController().signal,
    onStep: () => undefined,
    log: () => undefined,
  };
  await programs.install(request, io).then(
    (installed) => print({ installed }),
    (error: unknown) => print({ error: reportOf(error) }),
  );
  await guard.close();
  await store.close();
}

const [, , home = '', request = ''] = process.argv;
void main(home, JSON.parse(request) as InstallRequest);
