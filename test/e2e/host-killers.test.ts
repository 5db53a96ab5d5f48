import { appendFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isPassing } from '../../src/client/is-passing';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

/** Host deaths under one server after which it is tried out in a process of its own, which is one start more. */
const MAX_DEATHS = 3;

let instance: TestInstance;
const honest = ['one', 'two'];
const killer = (env: Record<string, string>) => ({
  command: process.execPath,
  args: [fixture('host-killer.js')],
  env,
});

beforeAll(async () => {
  const entry = { command: process.execPath, args: [fixture('tiny-server.js')] };
  const config = Object.fromEntries(honest.map((name) => [name, entry]));
  instance = await startInstance({ config });
});

/** Undefined while nobody answers: the control worker dies with the host whose process it shares. */
const stateOf = async (server: string) => {
  const status = await instance.client.servers.get(server).catch((error: unknown) => {
    if (isPassing(error)) return undefined;
    throw error;
  });
  return status?.state;
};

async function answers(server: string): Promise<void> {
  const outcome = await instance.client.callTool(server, 'add', { a: 1, b: 2 });
  expect(outcome).toMatchObject({ outcome: 'ok' });
}

it('starts a server that kills its hosts no more after few of them, and goes on with all others', async () => {
  const starts = path.join(instance.folder, 'starts');
  await instance.client.servers.add('killer', killer({ STARTS: starts }), { wait: false });
  await until('it is given up', async () => (await stateOf('killer')) === 'ERROR');
  const startsOf = () => readFileSync(starts, 'utf8').trimEnd().split('\n').length;
  expect(startsOf()).toBeLessThanOrEqual(MAX_DEATHS + 1);
  expect((await instance.client.servers.get('killer')).error).toMatchObject({
    code: 'SERVER_KILLS_HOST',
    message: expect.stringMatching(/hosts in a row have died.*killed by SIGKILL/) as string,
  });
  for (const name of honest) await until(name, async () => (await stateOf(name)) === 'RUNNING');
  const { hosts } = await instance.pids();
  const started = startsOf();
  for (const name of honest) await answers(name);
  expect((await instance.pids()).hosts).toEqual(hosts);
  expect(startsOf()).toBe(started);
  await instance.client.servers.remove('killer');
});

it('starts a server again as often as somebody kills its hosts', async () => {
  const harmless = path.join(instance.folder, 'harmless');
  appendFileSync(harmless, '');
  await instance.client.servers.add('suspect', killer({ HARMLESS: harmless }));
  for (let kills = 1; kills <= MAX_DEATHS + 2; kills++) {
    await instance.kill('roles');
    for (const name of [...honest, 'suspect']) {
      await until(`${name} is back after ${kills}`, async () => {
        const found = await instance.client.servers.get(name).catch(() => undefined); // too busy to say
        expect(found?.state).not.toBe('ERROR');
        return found?.state === 'RUNNING' && found.epoch !== null && found.epoch > kills;
      });
    }
  }
  for (const name of honest) await answers(name);
});
