import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

let instance: TestInstance;
/** The data directory of a host that shares nothing with the others but Temporal and the key. */
let elsewhere: string;

const INSTALLED: ServerEntry = {
  command: 'npx',
  args: ['-y', '@modelcontextprotocol/server-memory@2026.8.31'],
};
beforeAll(async () => {
  instance = await startInstance({ config: { installed: INSTALLED }, partsOnly: true });
  await until('it is installed', async () => {
    const { state } = await serverOf('installed');
    expect(state).not.toBe('ERROR');
    return state === 'RUNNING';
  });
  elsewhere = path.join(instance.folder, 'elsewhere');
});

const serverOf = (name: string) => instance.client.servers.get(name);

async function startElsewhere(): Promise<void> {
  mkdirSync(elsewhere, { recursive: true, mode: 0o700 });
  copyFileSync(path.join(instance.home, 'signing.key'), path.join(elsewhere, 'signing.key'));
  const { json } = await instance.cli<{ temporal: { address: string } }>('info', '--json');
  instance.spawn(['host', 'run', '--host-id', 'other'], {
    MAINSPRING_HOME: elsewhere,
    TEMPORAL_ADDRESS: json.temporal.address,
  });
  await hostIsReady('other');
}

async function hostIsReady(id: string): Promise<void> {
  await until(`host ${id} is ready`, async () => {
    const hosts = await instance.client.hosts.list();
    return hosts.some(
      (host) => host.id === id && host.state === 'ready' && host.presence === 'alive',
    );
  });
}

async function runsOn(name: string, host: string): Promise<void> {
  await until(`${name} runs on ${host}`, async () => {
    const found = await serverOf(name);
    expect(found.state).not.toBe('ERROR');
    return found.state === 'RUNNING' && found.host === host;
  });
}

it('takes an installed server over on a machine with another data directory, with the same program', async () => {
  const { host: first } = await serverOf('installed');
  await startElsewhere();
  await instance.client.hosts.drain(String(first));
  await runsOn('installed', 'other');
  expect(await instance.client.callTool('installed', 'read_graph', {})).toMatchObject({
    outcome: 'ok',
  });
  const programs = (home: string) =>
    readdirSync(path.join(home, 'programs'), { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .map(({ name }) => name);
  expect(programs(elsewhere)).toEqual(programs(instance.home));
  await instance.client.hosts.resume(String(first));
});

it('gives a server back that another machine can run, says why, and is no end of it', async () => {
  const [first = ''] = Object.keys((await instance.pids()).hosts);
  writeFileSync(path.join(instance.home, 'secrets.env'), 'ONLY_HERE=yes\n', { mode: 0o600 });
  await instance.client.hosts.drain('other');
  await instance.client.servers.add('own', {
    command: process.execPath,
    args: [fixture('tiny-server.js')],
    env: { WANTED: '${ONLY_HERE}' },
  });
  await runsOn('own', first);
  await instance.client.hosts.resume('other');
  await instance.client.hosts.drain(first);
  await until('it says why it does not run', async () => {
    const { state, reason } = await serverOf('own');
    expect([state, reason]).not.toEqual(['ERROR', reason]);
    return state === 'RECOVERING' && /host other cannot run it: .*ONLY_HERE/.test(reason);
  });
  await instance.client.hosts.resume(first);
  await runsOn('own', first);
});
