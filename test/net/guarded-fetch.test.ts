import dns from 'node:dns';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import {
  type GuardedClient,
  type GuardedOptions,
  openGuardedClient,
  refusalIn,
} from '../../src/net/guarded-fetch';

const opened: GuardedClient[] = [];
const asked: string[] = [];
let port: number;

const server = createServer((request, response) => {
  const { url = '', headers } = request;
  asked.push(`${headers.host} ${url}`);
  const [, to] = /^\/to\/(.*)$/.exec(url) ?? [];
  if (to === undefined) response.end('here');
  else response.writeHead(302, { location: decodeURIComponent(to) }).end();
});

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  ({ port } = server.address() as AddressInfo);
});
beforeEach(() => void asked.splice(0));
afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(opened.splice(0).map((guarded) => guarded.close()));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** What names lead to, from one look-up to the next: the last answer stays. */
function names(answers: Record<string, string[][]>): void {
  const left = new Map(Object.entries(answers).map(([name, steps]) => [name, [...steps]]));
  jest.spyOn(dns, 'lookup').mockImplementation(((
    name: string,
    _options: unknown,
    callback: (error: Error | null, found: dns.LookupAddress[]) => void,
  ) => {
    const steps = left.get(name) ?? [];
    const addresses = steps.length > 1 ? steps.shift() : steps[0];
    const found = (addresses ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    callback(found.length === 0 ? new Error(`no ${name}`) : null, found);
  }) as typeof dns.lookup);
}

async function guard(configured: string, options: Partial<GuardedOptions> = {}) {
  const guarded = await openGuardedClient({ configured: [new URL(configured)], ...options });
  opened.push(guarded);
  const textOf = async (url: string) => (await guarded.fetch(new URL(url))).text();
  const refusal = async (url: string) => {
    const error: unknown = await guarded.fetch(new URL(url)).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    return refusalIn(error)?.message ?? String(error);
  };
  return { guarded, textOf, refusal };
}

test('a configured host may be on this machine, as an address and as a name', async () => {
  names({ 'mine.example': [['127.0.0.1']] });
  const literal = await guard(`http://127.0.0.1:${port}/`);
  expect(await literal.textOf(`http://127.0.0.1:${port}/`)).toBe('here');
  const named = await guard(`http://mine.example:${port}/`);
  expect(await named.textOf(`http://mine.example:${port}/`)).toBe('here');
  expect(named.guarded.from).toBe('loopback');
});

test('a configured name leads to no metadata service; the address of one has to be written', async () => {
  names({ 'mine.example': [['169.254.169.254']] });
  const { refusal } = await guard(`http://mine.example:${port}/`);
  expect(await refusal(`http://mine.example:${port}/`)).toBe(
    'mine.example is a link-local address',
  );
});

test.each([
  ['an address', (of: number) => `http://127.0.0.1:${of}/secret`],
  ['a decimal one', (of: number) => `http://2130706433:${of}/secret`],
  ['an octal one', (of: number) => `http://0177.0.0.1:${of}/secret`],
  ['one in the notation of IPv6', (of: number) => `http://[::ffff:127.0.0.1]:${of}/secret`],
  ['the unspecified one', (of: number) => `http://0.0.0.0:${of}/secret`],
  ['localhost', (of: number) => `http://localhost:${of}/secret`],
  ['localhost with a dot', (of: number) => `http://localhost.:${of}/secret`],
  ['a name', (of: number) => `http://sly.example:${of}/secret`],
  ['a name of many addresses', (of: number) => `http://both.example:${of}/secret`],
])('what a public server names is not on this machine: %s', async (_what, url) => {
  names({
    'sly.example': [['127.0.0.1']],
    'both.example': [['93.184.216.34', '127.0.0.1']],
    localhost: [['127.0.0.1']],
    'localhost.': [['127.0.0.1']],
  });
  const { refusal } = await guard('https://public.example/');
  expect(await refusal(url(port))).toContain('is a loopback address, reached from a');
  expect(asked).toEqual([]);
});

test('judges a name by the address it connects to, not by an earlier lookup', async () => {
  names({ 'sly.example': [['93.184.216.34'], ['127.0.0.1']] });
  await new Promise((done) => dns.lookup('sly.example', { all: true }, done)); // public, for whoever looks now
  const { refusal } = await guard('https://public.example/');
  expect(await refusal(`http://sly.example:${port}/`)).toContain('is a loopback address');
});

test('a configured host that was public once does not become a way to this machine', async () => {
  names({ 'sly.example': [['127.0.0.1'], ['203.0.114.1', '127.0.0.1'], ['127.0.0.1']] });
  const { guarded, textOf } = await guard(`http://sly.example:${port}/`);
  expect(await textOf(`http://sly.example:${port}/`)).toBe('here');
  expect(guarded.from).toBe('loopback');
  // Known from before, such as from the login.
  const later = await guard(`http://sly.example:${port}/`, { from: 'public' });
  expect(await later.textOf(`http://sly.example:${port}/`)).toBe('here');
  expect(later.guarded.from).toBe('public');
  expect(await later.refusal(`http://127.0.0.1:${port}/`)).toContain('is a loopback address');
});

test('each redirect is judged again', async () => {
  names({ 'sly.example': [['127.0.0.1']], 'public.example': [['93.184.216.34']] });
  const away = encodeURIComponent(`http://sly.example:${port}/secret`);
  const { refusal, guarded } = await guard(`http://127.0.0.1:${port}/`, {
    from: 'public',
    maxRedirects: 3,
  });
  expect(await refusal(`http://127.0.0.1:${port}/to/${away}`)).toContain('sly.example');
  expect(asked).toHaveLength(1);
  const round = encodeURIComponent(`/to/${encodeURIComponent('/x')}`);
  const followed = await guarded.fetch(new URL(`http://127.0.0.1:${port}/to/${round}`));
  expect(await followed.text()).toBe('here');
});

test('without leave to follow, a redirect is the answer', async () => {
  const { guarded } = await guard(`http://127.0.0.1:${port}/`);
  const { status } = await guarded.fetch(new URL(`http://127.0.0.1:${port}/to/%2Fx`));
  expect([status, asked.length]).toEqual([302, 1]);
});
