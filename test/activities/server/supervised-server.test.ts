import { MainspringError } from '../../../src/base/errors';
import { type ServerSpec } from '../../../src/domain/spec';
import {
  type Launched,
  type Serving,
  SupervisedServer,
} from '../../../activities/server/supervised-server';
import { restartPolicy, stdioSpec } from '../../domain/samples';
import { FakeConnection } from '../fake-connection';
import { MAX_START_ATTEMPTS } from '../../../src/domain/entity/restart';

const NEVER = new AbortController().signal;
const EXITED = new MainspringError('SERVER_EXITED', 'it exited with code 1');
const restart = restartPolicy({ initialDelayMs: 1, maxDelayMs: 2 });

interface Told {
  ready: string[];
  backoffs: { code: string; delayMs: number }[];
}

/** A supervised server whose children are fakes; `launch` may be replaced while it lives. */
function supervise(spec: ServerSpec = stdioSpec({ restart })) {
  const children: FakeConnection[] = [];
  const told: Told = { ready: [], backoffs: [] };
  const host = {
    launch: async (_spec: ServerSpec, _signal: AbortSignal): Promise<Launched> => spawn(),
  };
  function spawn(): Launched {
    const child = new FakeConnection(1_000 + children.length);
    children.push(child);
    return child.launched();
  }
  const server = new SupervisedServer(spec, {
    launch: (wanted, signal) => host.launch(wanted, signal),
    onReady: (_serving, reason) => told.ready.push(reason),
    onBackoff: ({ code }, delayMs) => told.backoffs.push({ code, delayMs }),
  });
  server.start();
  const next = async (): Promise<Serving> => {
    const serving = await server.whenServing(NEVER);
    if (!serving) throw new Error('the server has ended');
    return serving;
  };
  const alive = () => children.filter(({ isAlive }) => isAlive);
  return { server, host, spawn, children, told, next, alive };
}

/** A promise that the test settles. */
function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => (resolve = settle));
  return { promise, resolve };
}

/** A launch that ends only with its signal, as one whose handshake is never answered. */
function hangingLaunch(begun: () => void) {
  return (_spec: ServerSpec, signal: AbortSignal) =>
    new Promise<never>((_resolve, reject) => {
      begun();
      signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    });
}

describe('a child that crashes', () => {
  test('is restarted, and waiting callers get the new one', async () => {
    const { server, next, children, told } = supervise();
    const first = await next();
    children[0]?.crash();
    while (server.serving === first) await Promise.resolve();
    const [one, other] = await Promise.all([next(), next()]);
    expect(one).toBe(other);
    expect(one.connection).toBe(children[1]);
    expect(server.restarts).toBe(1);
    expect(told).toEqual({
      ready: ['ready', 'ready again after: it exited with code 7'],
      backoffs: [{ code: 'SERVER_EXITED', delayMs: 0 }],
    });
    await server.stop(0);
  });

  test('is killed once more, because its grandchildren may live', async () => {
    const { server, next, children } = supervise();
    await next();
    const [first] = children;
    const killed = deferred();
    if (first) first.kill = async () => killed.resolve();
    first?.crash();
    await killed.promise;
    await server.stop(0);
  });

  test('too often ends the session as a crash loop', async () => {
    const spec = stdioSpec({ restart: { ...restart, maxRestarts: 2 } });
    const { server, children, host, spawn, next } = supervise(spec);
    host.launch = async () => {
      const launched = spawn();
      setImmediate(() => children.at(-1)?.crash());
      return launched;
    };
    await next();
    children[0]?.crash();
    const { kind, error } = await server.failed;
    expect(kind).toBe('crash-loop');
    expect(error).toMatchObject({
      code: 'SERVER_EXITED',
      message: 'it exited with code 7 (restart limit reached: 2 restarts within 60 s)',
    });
    await server.kill();
  });

  test('by exiting with 0 completes a server that is restarted on failure only', async () => {
    const spec = stdioSpec({ restart: { ...restart, policy: 'on-failure' } });
    const { server, next, children } = supervise(spec);
    await next();
    children[0]?.crash(0);
    expect((await server.failed).kind).toBe('completed');
    await server.kill();
  });
});

describe('a child that does not start', () => {
  test.each(['COMMAND_NOT_FOUND', 'VARIABLE_UNSET', 'HANDSHAKE_FAILED'] as const)(
    'because of %s is not tried again',
    async (code) => {
      let attempts = 0;
      const server = new SupervisedServer(stdioSpec({ restart }), {
        launch: async () => {
          attempts++;
          throw new MainspringError(code, 'cannot start');
        },
        onReady: () => undefined,
        onBackoff: () => undefined,
      });
      server.start();
      expect(await server.failed).toMatchObject({
        kind: 'failed',
        error: { code, message: 'cannot start' },
      });
      expect(attempts).toBe(1);
      await server.kill();
    },
  );

  const { process: _ours, ...common } = stdioSpec({ restart });
  const remote: ServerSpec = {
    ...common,
    ...{ type: 'http', remote: { url: 'http://127.0.0.1:1/mcp', headers: {} } },
  };

  test('is tried on and on when it is remote and has answered the owner before', async () => {
    let attempts = 0;
    const server = new SupervisedServer(remote, {
      answeredBefore: true,
      launch: async () => {
        attempts++;
        if (attempts <= MAX_START_ATTEMPTS) throw EXITED;
        return new FakeConnection(1).launched();
      },
      onReady: () => undefined,
      onBackoff: () => undefined,
    });
    server.start();
    expect(server.hasBeenReady).toBe(true); // also for the owner after this one
    expect(await server.whenServing(NEVER)).toBeDefined();
    await server.kill();
  });

  const unreachable = new MainspringError('CONNECTION_FAILED', 'no', {
    cause: new TypeError('fetch failed'),
  });

  test('is tried on and on when it is remote and not up yet', async () => {
    let attempts = 0;
    const server = new SupervisedServer(remote, {
      launch: async () => {
        attempts++;
        if (attempts <= 2 * MAX_START_ATTEMPTS) throw unreachable;
        return new FakeConnection(1).launched();
      },
      onReady: () => undefined,
      onBackoff: () => undefined,
    });
    server.start();
    expect(await server.whenServing(NEVER)).toBeDefined();
    await server.kill();
  });

  test('is tried on and on when it is away during a restart, which fails', async () => {
    const { server, host, spawn, next } = supervise(remote);
    await next();
    const launches: (() => Promise<Launched>)[] = [];
    host.launch = async () => (launches.shift() ?? (async () => spawn()))();
    launches.push(async () => Promise.reject(unreachable));
    await expect(server.replace(remote)).rejects.toBe(unreachable);
    expect(await server.whenServing(NEVER)).toBeDefined();
    await server.kill();
  });

  test.each([
    ['a program of ours', stdioSpec({ restart }), EXITED],
    ['a variable that this host lacks', remote, new MainspringError('VARIABLE_UNSET', 'unset')],
  ])('of an owner before is given up because of %s', async (_what, spec, error) => {
    const server = new SupervisedServer(spec, {
      answeredBefore: true,
      launch: async () => {
        throw error;
      },
      onReady: () => undefined,
      onBackoff: () => undefined,
    });
    server.start();
    expect((await server.failed).error.code).toBe(error.code);
    await server.kill();
  });

  test('for other reasons is tried a few times', async () => {
    let attempts = 0;
    const server = new SupervisedServer(stdioSpec({ restart }), {
      launch: async () => {
        attempts++;
        throw EXITED;
      },
      onReady: () => undefined,
      onBackoff: () => undefined,
    });
    server.start();
    expect((await server.failed).error.message).toBe(
      'it exited with code 1 (did not start in 3 attempts)',
    );
    expect(attempts).toBe(3);
    await server.kill();
  });
});

describe('replace', () => {
  test('waits for calls in flight, ends the old child, then starts the new one', async () => {
    const { server, host, spawn, next, children, told } = supervise();
    const old = await next();
    const call = deferred();
    const inFlight = old.calls.track(() => call.promise);
    const aliveAtLaunch: boolean[] = [];
    host.launch = async () => {
      aliveAtLaunch.push(children[0]?.isAlive ?? true);
      return spawn();
    };
    const replaced = server.replace(stdioSpec({ restart, tags: ['new'] }));
    while (server.serving) await Promise.resolve();
    expect(children[0]?.isAlive).toBe(true);
    call.resolve();
    await inFlight;
    expect((await replaced).connection).toBe(children[1]);
    expect(aliveAtLaunch).toEqual([false]);
    expect(told.ready.at(-1)).toBe('ready again');
    expect(server.restarts).toBe(0);
    await server.stop(0);
  });

  test('with overlap keeps the old child until the new one answers', async () => {
    const { server, host, spawn, next, children } = supervise();
    await next();
    const aliveAtLaunch: boolean[] = [];
    host.launch = async () => {
      aliveAtLaunch.push(children[0]?.isAlive ?? false);
      return spawn();
    };
    await server.replace(stdioSpec({ restart, overlap: true }));
    expect(aliveAtLaunch).toEqual([true]);
    await children[0]?.closed;
    expect(children[0]?.end).toBe('closed');
    await server.stop(0);
  });

  test('with overlap that does not come up leaves the old child serving', async () => {
    const { server, host, next, children } = supervise();
    const before = await next();
    host.launch = async () => {
      throw EXITED;
    };
    const replacing = server.replace(stdioSpec({ restart, overlap: true }));
    await expect(replacing).rejects.toBe(EXITED);
    expect(server.serving).toBe(before);
    expect(children[0]?.isAlive).toBe(true);
    await server.stop(0);
  });

  test('that does not come up ends the session with its error', async () => {
    const { server, host, next } = supervise();
    await next();
    host.launch = async () => {
      throw EXITED;
    };
    await expect(server.replace(stdioSpec({ restart }))).rejects.toBe(EXITED);
    expect(await server.failed).toEqual({ kind: 'failed', error: EXITED });
    await server.kill();
  });

  test('that comes later wins', async () => {
    const { server, host, spawn, next } = supervise();
    await next();
    const launched: string[][] = [];
    host.launch = async ({ tags }) => {
      launched.push(tags);
      return spawn();
    };
    const first = server.replace(stdioSpec({ restart, tags: ['first'] }));
    const second = server.replace(stdioSpec({ restart, tags: ['second'] }));
    await expect(first).rejects.toMatchObject({ code: 'TRANSITION_REFUSED' });
    await second;
    expect(launched).toEqual([['second']]);
    await server.stop(0);
  });

  test('during a backoff ends the waiting', async () => {
    const slow = restartPolicy({ initialDelayMs: 60_000, maxDelayMs: 60_000 });
    const { server, next, children, told } = supervise(stdioSpec({ restart: slow }));
    await next();
    children[0]?.crash();
    while (children.length < 2) await new Promise(setImmediate);
    await next();
    children[1]?.crash();
    while (told.backoffs.length < 2) await new Promise(setImmediate);
    await server.replace(stdioSpec({ restart: slow }));
    expect(server.serving?.connection).toBe(children[2]);
    await server.stop(0);
  });

  test('of an ended server is refused', async () => {
    const { server } = supervise();
    await server.stop(0);
    await expect(server.replace(stdioSpec())).rejects.toMatchObject({
      code: 'SERVER_NOT_RUNNING',
    });
  });
});

describe('stop', () => {
  test('lets calls in flight finish', async () => {
    const { server, next, children } = supervise();
    const { calls } = await next();
    const call = deferred();
    const inFlight = calls.track(() => call.promise);
    const stopped = server.stop(60_000);
    expect(server.serving).toBeUndefined();
    expect(children[0]?.isAlive).toBe(true);
    call.resolve();
    await Promise.all([inFlight, stopped]);
    expect(children[0]?.end).toBe('closed');
  });

  test('does not wait for calls longer than the grace', async () => {
    const { server, next, alive } = supervise();
    const { calls } = await next();
    void calls.track(() => new Promise(() => undefined));
    await server.stop(10);
    expect(alive()).toEqual([]);
  });

  test('during the launch leaves nothing', async () => {
    const begun = deferred();
    const server = new SupervisedServer(stdioSpec({ restart }), {
      launch: hangingLaunch(begun.resolve),
      onReady: () => undefined,
      onBackoff: () => undefined,
    });
    server.start();
    const waiting = server.whenServing(NEVER);
    await begun.promise;
    await server.stop(60_000);
    expect(await waiting).toBeUndefined();
  });

  test('at the moment of the launch leaves nothing', async () => {
    const { server, alive, told } = supervise();
    await server.stop(60_000);
    expect(alive()).toEqual([]);
    expect(told.ready).toEqual([]);
  });

  test('during a backoff leaves nothing', async () => {
    const slow = restartPolicy({ initialDelayMs: 60_000, maxDelayMs: 60_000 });
    const { server, host, next, children, told, alive } = supervise(stdioSpec({ restart: slow }));
    await next();
    host.launch = async () => {
      throw EXITED;
    };
    children[0]?.crash();
    while (told.backoffs.length < 2) await new Promise(setImmediate);
    await server.stop(60_000);
    expect(alive()).toEqual([]);
  });

  test('waits for an old child that calls are still with', async () => {
    const { server, next, children, alive } = supervise();
    const { calls } = await next();
    const call = deferred();
    const inFlight = calls.track(() => call.promise);
    await server.replace(stdioSpec({ restart, overlap: true }));
    let isStopped = false;
    const stopped = server.stop(60_000).then(() => (isStopped = true));
    await children[1]?.closed;
    await new Promise(setImmediate);
    expect(isStopped).toBe(false);
    call.resolve();
    await Promise.all([inFlight, stopped]);
    expect(alive()).toEqual([]);
  });
});

describe('kill', () => {
  test('ends the child at once, calls or not', async () => {
    const { server, next, children } = supervise();
    const { calls } = await next();
    void calls.track(() => new Promise(() => undefined));
    await server.kill();
    expect(children[0]?.end).toBe('killed');
  });

  test('during a replacement ends the old child as well', async () => {
    const { server, next, children, alive } = supervise();
    const { calls } = await next();
    const call = deferred();
    const inFlight = calls.track(() => call.promise);
    const replaced = server.replace(stdioSpec({ restart }));
    replaced.catch(() => undefined);
    while (server.serving) await Promise.resolve();
    const killed = server.kill();
    expect(children[0]?.end).toBe('killed');
    call.resolve();
    await Promise.all([inFlight, killed]);
    await expect(replaced).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
    expect(alive()).toEqual([]);
  });
});

test('a caller that gives up waiting gets nothing', async () => {
  const server = new SupervisedServer(stdioSpec({ restart }), {
    launch: hangingLaunch(() => undefined),
    onReady: () => undefined,
    onBackoff: () => undefined,
  });
  server.start();
  const giveUp = new AbortController();
  const waiting = server.whenServing(giveUp.signal);
  giveUp.abort();
  expect(await waiting).toBeUndefined();
  await server.kill();
});

test('a server that is abandoned counts as crashed', async () => {
  const { server, next, children } = supervise();
  const first = await next();
  server.abandon(first, new MainspringError('CONNECTION_LOST', 'it is not responding'));
  await children[0]?.closed;
  while (children.length < 2) await new Promise(setImmediate);
  expect(children[0]?.end).toBe('killed');
  expect((await next()).connection).toBe(children[1]);
  await server.stop(0);
});
