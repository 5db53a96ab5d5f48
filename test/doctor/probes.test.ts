import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { probeEngine } from '../../src/doctor/probes/engine';
import { probeDisk, probeHome } from '../../src/doctor/probes/home';
import { probePort } from '../../src/doctor/probes/ports';
import { probeServer } from '../../src/doctor/probes/server';
import { probeTemporal } from '../../src/doctor/probes/temporal';
import { probeTool } from '../../src/doctor/probes/tool';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();

/** Creates a program and a PATH with only its folder. */
async function program(name: string, script: string): Promise<NodeJS.ProcessEnv> {
  const file = path.join(folder(), name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return { PATH: folder() };
}

describe('a tool', () => {
  it('reports its version', async () => {
    const env = await program('npm', 'echo 10.2.3');
    const file = path.join(folder(), 'npm');
    expect(await probeTool('npm', env)).toEqual({ state: 'found', file, version: '10.2.3' });
  });

  it('may be missing, or not work', async () => {
    const env = await program('npm', 'echo "cannot find module" >&2; exit 1');
    expect(await probeTool('git', env)).toEqual({ state: 'absent' });
    expect(await probeTool('npm', env)).toMatchObject({
      ...{ state: 'broken', reason: 'cannot find module' },
    });
  });
});

describe('docker', () => {
  const versions = (server: string) => `echo '{"Client":{"Version":"28.2.2"},"Server":${server}}'`;

  it('runs', async () => {
    const env = await program('docker', versions('{"Version":"28.2.2"}'));
    expect(await probeEngine('docker', env)).toEqual({ state: 'running', version: '28.2.2' });
  });

  it('may be only a client', async () => {
    const cannot = 'echo "Cannot connect to the daemon at x. Is it running?" >&2; exit 1';
    const env = await program('docker', `${versions('null')}; ${cannot}`);
    expect(await probeEngine('docker', env)).toEqual({
      ...{ state: 'stopped', version: '28.2.2', hasDaemon: false },
      reason: 'Cannot connect to the daemon at x',
    });
  });

  it('that hangs does not delay the report', async () => {
    const env = await program('docker', 'exec /bin/sleep 60');
    expect(await probeEngine('docker', env)).toMatchObject({
      ...{ state: 'stopped', reason: 'no answer within 2 s' },
    });
  });

  it('may be missing', async () => {
    expect(await probeEngine('docker', { PATH: folder() })).toEqual({ state: 'absent' });
  });
});

describe('the data directory', () => {
  it('may be private, absent, open, or a file', async () => {
    const at = (name: string) => path.join(folder(), name);
    expect(await probeHome(folder())).toMatchObject({ state: 'usable' });
    expect(await probeHome(at('a/b'))).toMatchObject({ state: 'absent', canCreate: true });
    await mkdir(at('open'), { mode: 0o755 });
    await chmod(at('open'), 0o755);
    expect(await probeHome(at('open'))).toMatchObject({ state: 'open', mode: '755', isOurs: true });
    await writeFile(at('open/letter.txt'), '');
    expect(await probeHome(at('open'))).toMatchObject({ isOurs: false });
    await writeFile(at('open/inventory.json'), '');
    expect(await probeHome(at('open'))).toMatchObject({ isOurs: true });
    await writeFile(at('file'), '');
    expect(await probeHome(at('file'))).toMatchObject({ state: 'not-a-directory' });
    expect(await probeHome(at('file/x'))).toMatchObject({ state: 'absent', canCreate: false });
  });

  it('has free space, even before it exists', async () => {
    const disk = await probeDisk(path.join(folder(), 'a', 'b'));
    expect(disk?.folder).toBe(folder());
    expect(disk?.freeBytes).toBeGreaterThan(0);
  });
});

it('a taken port has an owner, and the next free one is named', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const fact = await probePort('Temporal', port, '127.0.0.1');
    expect(fact.chosen).not.toBe(port);
    if (process.platform === 'linux') expect(fact.owner).toContain(`(pid ${process.pid})`);
  } finally {
    server.close();
  }
  expect(await probePort('Temporal', port, '127.0.0.1')).toEqual({
    use: 'Temporal',
    port,
    chosen: port,
  });
});

describe('Temporal', () => {
  const probe = (env: NodeJS.ProcessEnv, temporalBin?: string) =>
    probeTemporal({ env, cacheDir: folder(), temporalBin });

  it('is found on PATH when it is new enough', async () => {
    const env = await program('temporal', 'echo "temporal version 1.9.9"');
    expect(await probe(env)).toMatchObject({ state: 'executable', source: 'path' });
  });

  it('that is too old is one of the reasons', async () => {
    const env = await program('temporal', 'echo "temporal version 1.0.0"');
    const reasons = [expect.stringContaining('1.0.0, older than') as string];
    expect(await probe(env)).toMatchObject({ state: 'absent', reasons });
  });

  it('named by a variable is never replaced by another', async () => {
    const file = path.join(folder(), 'nothing');
    expect(await probe({}, file)).toMatchObject({
      state: 'misconfigured',
    });
  });
});

describe('a server', () => {
  const probe = (entry: ServerEntry, env: NodeJS.ProcessEnv = {}) =>
    probeServer(
      'a',
      { entry, origin: 'cli', baseDir: folder(), addedAtMs: 0, meta: {} },
      { env, home: folder() },
    );

  it('has an existing command, even if a variable names it', async () => {
    expect(await probe({ command: process.execPath })).not.toHaveProperty('commandProblem');
    const entry = { command: '${NODE}' };
    expect(await probe(entry, { NODE: process.execPath })).not.toHaveProperty('commandProblem');
    expect(await probe(entry)).not.toHaveProperty('commandProblem');
    expect(await probe(entry, { NODE: '/no/such/file' })).toHaveProperty('commandProblem');
    expect(await probe({ command: 'no-such-program' })).toMatchObject({
      commandProblem: { message: expect.stringContaining('is not on PATH') as string },
    });
  });

  it('finds its variables in secrets.env, and its files', async () => {
    await writeFile(path.join(folder(), 'secrets.env'), 'HUB_TOKEN=abc\n');
    await writeFile(path.join(folder(), 'key'), 'x');
    const env = { HUB_TOKEN: '${HUB_TOKEN}', A: '${file:key}', B: '${file:gone}' };
    expect(await probe({ command: process.execPath, env })).toMatchObject({
      variables: [{ name: 'HUB_TOKEN', state: 'set' }],
      unreadableFiles: [{ field: 'env.B', file: path.join(folder(), 'gone') }],
    });
  });

  it('may use a bundle that no longer exists', async () => {
    expect(await probe({ mcpb: 'gone.mcpb' })).toMatchObject({
      absentPath: path.join(folder(), 'gone.mcpb'),
    });
  });
});
