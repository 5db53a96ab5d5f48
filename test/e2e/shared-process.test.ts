import path from 'node:path';
import { readInstance } from '../../src/offline/instance';
import { fixture, isRunning, startInstance, type TestInstance } from './instance';
import { executions, repeated } from './ledger';
import { startLoad, tally } from './load';
import { until } from './until';

const KILLS = 3;
const CALLS_PER_SECOND = 20;

let instance: TestInstance;
let ledger: string;

beforeAll(async () => {
  instance = await startInstance({ gateway: true });
  ledger = path.join(instance.folder, 'ledger');
  await instance.client.servers.add('tiny', {
    command: process.execPath,
    args: [fixture('tiny-server.js')],
    env: { LEDGER: ledger },
  });
});

it('runs worker, host and endpoint in one process, unless they are told apart', async () => {
  const { worker, hosts, api } = await instance.pids();
  expect([api, ...Object.values(hosts)]).toEqual([worker, worker]);
});

it('repeats no call and loses none when that process is killed, and the endpoint is where it was', async () => {
  const url = await until('the gateway', async () => (await readInstance(instance.home))?.apiUrl);
  const { pid } = await instance.client.servers.get('tiny');
  const load = startLoad(instance.client, 'tiny', CALLS_PER_SECOND);
  for (let kills = 0; kills < KILLS; kills++) {
    await load.answered(5);
    await instance.kill('roles');
  }
  await load.answered(CALLS_PER_SECOND);
  const { ok = 0, unknown = 0, ...others } = tally(await load.end());
  expect(others).toEqual({});
  expect(ok + unknown).toBe(load.submitted);
  const lines = executions(ledger);
  expect(repeated(lines)).toEqual([]);
  expect(lines.length).toBeGreaterThanOrEqual(ok);
  expect(isRunning(Number(pid))).toBe(false);
  const isServed = () => fetch(`${url}/health`).then(({ ok: isOk }) => isOk);
  await until('the endpoint', () => isServed().catch(() => false));
});

it('comes back when its host is restarted', async () => {
  const { worker } = await instance.pids();
  const { code } = await instance.cli('host', 'restart', path.basename(instance.folder));
  expect(code).toBe(0);
  expect((await instance.pids()).worker).not.toBe(worker);
  const outcome = await instance.client.callTool('tiny', 'add', { a: 1, b: 1 });
  expect(outcome).toMatchObject({ outcome: 'ok' });
});
