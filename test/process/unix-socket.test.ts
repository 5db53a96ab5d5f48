import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import {
  apiSocket,
  claimSocket,
  claimHostSocket,
  findOwnSocket,
  findSocket,
  socketHosts,
} from '../../src/process/unix-socket';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

async function listen(place: { path: string; publish(): void }): Promise<void> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(place.path, resolve));
  place.publish();
}

it('puts the socket into the data directory, for this user alone', async () => {
  const home = folder();
  const place = claimHostSocket(home, 'h1');
  expect(findSocket(home, 'h1')).toBeUndefined();
  await listen(place);
  expect(place.path).toBe(path.join(home, 'hosts/h1.sock'));
  expect(findSocket(home, 'h1')).toBe(place.path);
  expect(statSync(place.path).mode & 0o777).toBe(0o600);
  expect(socketHosts(home)).toEqual(['h1']);
  place.remove();
  expect(findSocket(home, 'h1')).toBeUndefined();
  expect(socketHosts(home)).toEqual([]);
});

it('uses a private folder elsewhere when the path is too long for a socket', async () => {
  const home = path.join(folder(), 'long'.repeat(30));
  mkdirSync(home, { mode: 0o700 });
  const place = claimHostSocket(home, 'h1');
  await listen(place);
  const known = path.join(home, 'hosts/h1.sock');
  expect(Buffer.byteLength(place.path)).toBeLessThan(104);
  expect(lstatSync(known).isSymbolicLink()).toBe(true);
  expect(findSocket(home, 'h1')).toBe(place.path);
  expect(statSync(path.dirname(place.path)).mode & 0o777).toBe(0o700);
  expect(statSync(place.path).mode & 0o777).toBe(0o600);
  place.remove();
  expect(existsSync(path.dirname(place.path))).toBe(false);
  expect(readdirSync(path.join(home, 'hosts'))).toEqual([]);
});

it.each(['', 'long'.repeat(30)])('takes the place of a dead host', async (below) => {
  const home = path.join(folder(), below);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const dead = claimHostSocket(home, 'h1');
  await listen(dead);
  const next = claimHostSocket(home, 'h1');
  await listen(next);
  expect(findSocket(home, 'h1')).toBe(next.path);
  if (below) expect(existsSync(dead.path)).toBe(false);
  next.remove();
});

describe.each(['', 'long'.repeat(30)])('a socket of the own user', (below) => {
  it('is found where no other user could have put it, and nowhere else', async () => {
    const home = path.join(folder(), below);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const known = apiSocket(home);
    expect(findOwnSocket(known)).toBeUndefined();
    const place = claimSocket(known);
    await listen(place);
    expect(findOwnSocket(known)).toBe(place.path);
    for (const one of new Set([home, path.dirname(place.path)])) {
      chmodSync(one, 0o770);
      expect(() => findOwnSocket(known)).toThrow(`The folder of the gateway's socket, ${one}`);
      chmodSync(one, 0o700);
    }
    place.remove();
    expect(findOwnSocket(known)).toBeUndefined();
  });
});

it('is found through a link to such a folder, by the path that no other user can change', async () => {
  const [home, link] = [path.join(folder(), 'home'), path.join(folder(), 'link')];
  mkdirSync(home, { mode: 0o700 });
  symlinkSync(home, link);
  const place = claimSocket(apiSocket(link));
  await listen(place);
  expect(findOwnSocket(apiSocket(link))).toBe(apiSocket(realpathSync(home)));
  chmodSync(home, 0o711);
  expect(() => findOwnSocket(apiSocket(link))).toThrow('is open to other users (mode 711)');
  place.remove();
});
