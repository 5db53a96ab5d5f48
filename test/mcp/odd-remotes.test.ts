import { createServer } from 'node:net';
import { MainspringError } from '../../src/domain/errors';
import { isAway } from '../../src/mcp/connect-error';
import { createTestHost, type TestHost, urlSpec } from './harness';
import { type PlainServer, startPlainServer, type Twist } from './plain-server';

let host: TestHost;
let server: PlainServer;
beforeEach(async () => {
  host = createTestHost();
  server = await startPlainServer();
});
afterEach(async () => {
  await host.close();
  server.close();
});

const answering =
  (status: number, body = ''): Twist =>
  ({ response }) => {
    response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
    return true;
  };

describe('a server that cannot be connected to', () => {
  const failure = async (url = server.url) => {
    const error: unknown = await host.open(urlSpec('http', url)).catch((why: unknown) => why);
    if (error instanceof MainspringError) return error;
    throw new Error('it connected');
  };

  test.each([
    [503, true],
    [500, true],
    [429, true],
    [403, false],
    [404, false],
    [200, false],
  ])('answers %i: it may come up by itself: %s', async (status, expected) => {
    server.twist = answering(status, 'not now');
    expect(isAway(await failure())).toBe(expected);
  });

  test('may come up when nobody listens, and when its name is not known yet', async () => {
    server.close();
    expect(isAway(await failure())).toBe(true);
    expect(isAway(await failure('http://mcp.invalid/mcp'))).toBe(true);
  });

  test('may come up when what listens breaks off', async () => {
    const rude = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
    const address = rude.address();
    const port = address !== null && typeof address === 'object' ? address.port : 0;
    expect(isAway(await failure(`http://127.0.0.1:${port}/mcp`))).toBe(true);
    rude.close();
  });
});
