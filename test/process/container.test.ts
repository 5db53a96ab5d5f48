import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type OwnedProcess, startOwned } from '../../src/mcp/session/owned-process';
import { containersFolder, ownContainer } from '../../src/process/container';
import { hostsFolder } from '../../src/process/group-records';
import { startGuard } from '../../src/process/guard';
import { openServerLog } from '../../src/process/log-file';
import { createMask } from '../../src/process/mask';
import { sweepOrphans } from '../../src/process/sweep';
import { until } from '../e2e/until';
import { useTemporaryFolder } from '../temporary-folder';

const home = useTemporaryFolder();
const started: OwnedProcess[] = [];
afterEach(() => Promise.all(started.splice(0).map((owned) => owned.kill())));

/** A pid that nobody has. */
const DEAD = { pid: 2 ** 22 + 1, startTime: 1 };

/** Stands in for docker, which has no engine here: records what it is asked, and runs as a client of a container would. */
function fakeDocker(): {
  spec: (rm: boolean) => Parameters<typeof ownContainer>[0];
  asked: () => string;
} {
  const bin = path.join(home(), 'bin');
  const log = path.join(bin, 'asked');
  const command = path.join(bin, 'docker');
  mkdirSync(bin);
  writeFileSync(log, '');
  const script = `#!/bin/sh
echo "$* $DOCKER_HOST" >> ${log}
[ "$1" = run ] || exit 0
printf an-id > "$3"
exec sleep 600
`;
  writeFileSync(command, script, { mode: 0o755 });
  const spec = (rm: boolean) => ({
    ...{ command, cwd: home(), env: { DOCKER_HOST: "tcp://it's:1" } },
    args: ['run', '-i', ...(rm ? ['--rm'] : []), 'image'],
  });
  return { spec, asked: () => readFileSync(log, 'utf8') };
}

const folder = () => containersFolder(home(), 'vm', DEAD);
const hasStarted = (asked: () => string) =>
  until('docker runs', () => asked().includes('run --cidfile'));

test.each([
  [true, 'rm --force an-id'],
  [false, 'stop --time 1 an-id'],
])('the container of a program that ends is ended, too (--rm: %s)', async (rm, expected) => {
  const { spec, asked } = fakeDocker();
  const log = openServerLog(path.join(home(), 'log'), createMask([]));
  const owner = { hostId: 'vm', server: 'box', log, containers: folder() };
  const owned = await startOwned(spec(rm), owner);
  started.push(owned);
  await hasStarted(asked);
  await until('its container has an id', () => readdirSync(folder()).length === 2);
  await owned.kill();
  expect(asked()).toContain(`${expected} tcp://it's:1\n`);
  expect(readdirSync(folder())).toEqual([]);
  await log.close();
});

test('the containers of a host that dies are ended by its guard', async () => {
  const { spec, asked } = fakeDocker();
  const guard = startGuard({ containers: folder() });
  const args = ownContainer(spec(true), folder())?.args ?? [];
  writeFileSync(args[2] ?? '', 'an-id');
  await guard.close(); // its stdin ends, as when its process dies
  expect(asked()).toBe("rm --force an-id tcp://it's:1\n");
});

test('the containers of a dead host are ended by the next one, if its guard has died with it', async () => {
  const { spec, asked } = fakeDocker();
  ownContainer(spec(true), folder());
  const args = ownContainer(spec(true), folder())?.args ?? [];
  writeFileSync(args[2] ?? '', 'an-id');
  writeFileSync(
    path.join(hostsFolder(home()), 'vm.json'),
    JSON.stringify({ host: DEAD, groups: [] }),
  );
  await sweepOrphans(home());
  expect(asked()).toBe("rm --force an-id tcp://it's:1\n");
  expect(existsSync(folder())).toBe(false);
});

test('starts a command without a container as it is', () => {
  const spec = { command: 'node', args: ['run', 'x.js'], cwd: home(), env: {} };
  expect(ownContainer(spec, folder())).toBeUndefined();
});
