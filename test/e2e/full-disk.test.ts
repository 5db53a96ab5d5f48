import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { symlinkSync } from 'node:fs';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { type ErrorReport } from '../../src/base/errors';
import { useTemporaryFolder } from '../temporary-folder';
import { fixture, REPOSITORY } from './instance';

const COMMAND = path.join(REPOSITORY, 'bin/mainspring.js');
const folder = useTemporaryFolder();
const home = () => path.join(folder(), 'disk', 'home');

/** A file system of its own, in a mount namespace that ends with the process. */
const NAMESPACE = ['unshare', '--map-root-user', '--mount', 'sh', '-c'];
const MOUNT = 'mount -t tmpfs -o size=48m tmpfs disk && mkdir -m 700 disk/home';
const FILL = 'cat /dev/zero > disk/fill 2>/dev/null';

/** What the commands said, by the names that the script gave to them: `say <name> <command…>`. */
const SAY =
  'say() { name=$1 command=$2; shift 2; node "$COMMAND" $command --json "$@" > $name.json 2> $name.err; };';

async function run(child: ChildProcess): Promise<string> {
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return `${code}: ${said}`;
}

function start([command = '', ...args]: string[]): ChildProcess {
  const env = {
    ...process.env,
    COMMAND,
    TINY: fixture('tiny-server.js'),
    MAINSPRING_HOME: home(),
    MAINSPRING_HOST_ID: path.basename(folder()),
    MAINSPRING_TEMPORAL_PORT: '0',
    MAINSPRING_UI_PORT: '0',
    MAINSPRING_PORT: '0',
  };
  return spawn(command, args, { cwd: folder(), env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function said<T>(name: string): Promise<T> {
  const read = (suffix: string) => readFile(path.join(folder(), `${name}.${suffix}`), 'utf8');
  const text = await read('json');
  if (text === '') throw new Error(`${name} has said nothing but: ${await read('err')}`);
  return JSON.parse(text) as T;
}

beforeEach(() => mkdir(path.join(folder(), 'disk')));

it('says that the disk is full, or read-only, and goes on when there is room again', async () => {
  const isPermitted =
    spawnSync(NAMESPACE[0] ?? '', [...NAMESPACE.slice(1), 'mount -t tmpfs tmpfs /mnt']).status ===
    0;
  if (!isPermitted) return; // the other test does with less
  const script = `${MOUNT} && ${SAY}
    trap 'node "$COMMAND" down > down.log 2>&1' EXIT
    say up up --detach --no-ui
    say add add tiny -- node "$TINY"
    ${FILL}
    say full-list list
    say full-add add other -- node "$TINY"
    rm disk/fill
    until say call call tiny add a=1 b=2; do sleep 0.2; done
    grep -h "is being restarted" disk/home/logs/up.log > restarts
    say down down
    ${FILL}
    say full-up up --no-ui
    rm disk/fill
    mount -o remount,ro disk
    say read-only-up up --no-ui`;
  expect(await run(start([...NAMESPACE, script]))).toMatch(/^1: $/);

  for (const name of ['full-list', 'full-add', 'full-up']) {
    const { error } = await said<{ error?: ErrorReport }>(name);
    if (name === 'full-list' && !error) continue; // reading may need no room at all
    expect({ name, ...error }).toMatchObject({ name, code: 'DISK_FULL' });
    expect(error?.message).toContain(home());
    expect(error?.message).not.toContain('\n');
  }
  expect(await said('call')).toMatchObject({ outcome: 'ok' });
  expect(await readFile(path.join(folder(), 'restarts'), 'utf8')).toBe('');
  const { error } = await said<{ error: ErrorReport }>('read-only-up');
  expect(error).toMatchObject({ code: 'HOME_UNUSABLE' });
  expect(error.message).toContain(home());
});

it('says that there is no room when it cannot write, and when its answer cannot be written', async () => {
  await mkdir(home());
  await chmod(home(), 0o700);
  symlinkSync('/dev/full', path.join(home(), 'up.json.new'));
  const up = await run(start(['node', COMMAND, 'up', '--no-ui', '--json']));
  expect(up).toMatch(/^1: /);
  expect(up).toContain('"code": "DISK_FULL"');
  const help = await run(start(['sh', '-c', 'node "$COMMAND" help > /dev/full']));
  expect(help).toBe('1: Cannot write to stdout: ENOSPC: no space left on device, write\n');
});
