import { createServer, type Server } from 'node:net';
import { choosePort } from '../../src/temporal/ports';

const IP = '127.0.0.1';
const servers: Server[] = [];

afterEach(async () => {
  await Promise.all(
    servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))),
  );
});

function occupy(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    servers.push(server);
    server.once('error', reject);
    server.listen(port, IP, resolve);
  });
}

test('a free port is taken as it is', async () => {
  const free = await choosePort(0, IP);
  expect(await choosePort(free, IP)).toBe(free);
});

test('a taken port gives a later one that can be used', async () => {
  const taken = await choosePort(0, IP);
  await occupy(taken);
  const chosen = await choosePort(taken, IP);
  expect(chosen).not.toBe(taken);
  await occupy(chosen);
});

test('an address that is not of this machine is refused by name', async () => {
  const refused = choosePort(0, '203.0.113.1');
  await expect(refused).rejects.toMatchObject({ code: 'PORT_TAKEN' });
  await expect(refused).rejects.toThrow('203.0.113.1');
});
