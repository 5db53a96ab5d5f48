import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { type CallProgress, MainspringClient, type StoredEvent } from '../../src';
import { fixture, REPOSITORY, startInstance, type TestInstance } from './instance';
import { until } from './until';

const tiny = { command: process.execPath, args: [fixture('tiny-server.js')] };

let instance: TestInstance;
let client: MainspringClient;

beforeAll(async () => {
  instance = await startInstance({ config: { tiny } });
  client = instance.client;
});

describe('MainspringClient', () => {
  it('connects over an existing connection and leaves it open', async () => {
    const { temporal } = (await instance.cli<{ temporal: { address: string } }>('info', '--json'))
      .json;
    const connection = await Connection.connect({ address: temporal.address });
    const other = await MainspringClient.connect({ home: instance.home, connection });
    expect((await other.callTool('tiny', 'echo', { text: 'hi' })).outcome).toBe('ok');
    await other.close();
    await expect(connection.workflowService.getSystemInfo({})).resolves.toBeDefined();
    await connection.close();
  });

  it('connects to an address', async () => {
    const { temporal } = (await instance.cli<{ temporal: { address: string } }>('info', '--json'))
      .json;
    const options = { home: instance.home, address: temporal.address };
    const other = await MainspringClient.connect(options);
    expect(await other.servers.list()).toMatchObject([{ name: 'tiny' }]);
    await other.close();
  });

  it('keeps the keys of two principals apart', async () => {
    const connect = (principal: string) =>
      MainspringClient.connect({ home: instance.home, principal });
    const [ada, bob] = await Promise.all([connect('ada'), connect('bob')]);
    const call = (who: MainspringClient) =>
      who.callTool('tiny', 'echo', { text: 'x' }, { idempotencyKey: 'shared' });
    const outcomes = await Promise.all([call(ada), call(ada), call(bob)]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
    const [first, again, others] = outcomes.map(({ callId }) => callId);
    expect(again).toBe(first);
    expect(others).not.toBe(first);
    await Promise.all([ada.close(), bob.close()]);
  });

  it('answers a batch in its order, whatever ends first, with no more at once than asked for', async () => {
    const batch = [300, 1, 200, 1].map((ms) => ({ server: 'tiny', tool: 'sleep', args: { ms } }));
    let most = 0;
    let isOver = false;
    const watch = (async () => {
      while (!isOver) most = Math.max(most, (await client.servers.get('tiny')).inFlight ?? 0);
    })();
    const outcomes = await client.callTools(batch, { parallel: 2 });
    isOver = true;
    await watch;
    expect(most).toBeLessThanOrEqual(2);
    expect(outcomes.map(({ result }) => JSON.stringify(result))).toEqual(
      [300, 1, 200, 1].map((ms) => expect.stringContaining(`slept ${ms} ms`) as string),
    );
    await expect(client.callTools(batch, { parallel: 0 })).rejects.toMatchObject({
      code: 'WRONG_USAGE',
    });
  });

  it('gives a refused call its correlation id, and throws it from startCall', async () => {
    const refused = await client.callTool('tiny', 'echo', {}, { correlationId: 'mine' });
    expect(refused).toMatchObject({ correlationId: 'mine', error: { code: 'INVALID_ARGUMENTS' } });
    await expect(client.startCall('tiny', 'echo', {})).rejects.toMatchObject({
      name: 'MainspringError',
      code: 'INVALID_ARGUMENTS',
    });
  });

  it('follows the progress of a call through its handle', async () => {
    const handle = await client.startCall('tiny', 'sleep', { ms: 3_000 });
    const seen: CallProgress[] = [];
    for await (const progress of handle.progress()) seen.push(progress);
    expect(seen[0]).toMatchObject({ progress: 0, total: 3_000, message: '0 ms' });
    expect(await handle.status()).toBe('ended');
    const other = await client.calls.get(handle.id);
    expect(await other.result()).toEqual(await handle.result());
  });

  it('cancels a call through its handle', async () => {
    const handle = await client.startCall('tiny', 'sleepAnswersCancel', { ms: 60_000 });
    await until('it runs', async () => (await handle.status()) === 'running');
    const listed = await client.calls.list({ server: 'tiny' });
    expect(listed).toContainEqual(
      expect.objectContaining({ callId: handle.id, status: 'running' }),
    );
    await handle.cancel();
    expect(await handle.result()).toMatchObject({ outcome: 'cancelled' });
  });

  it('tells how the calls of a server ended, newest first', async () => {
    const { callId } = await client.callTool('tiny', 'fail', {});
    const listed = await until('the call is in the index', async () => {
      const calls = await client.calls.list({ server: 'tiny', limit: 3 });
      return calls.some((call) => call.callId === callId && call.status === 'tool_error') && calls;
    });
    const times = listed.map(({ submittedAtMs }) => submittedAtMs);
    expect(times).toEqual([...times].sort((a, b) => b - a));
    await expect(client.calls.get('call/tiny/none')).rejects.toMatchObject({
      code: 'UNKNOWN_CALL',
    });
  });

  it('starts, stops and removes a server and knows its tools while it is stopped', async () => {
    const added = await client.servers.add('mine', { ...tiny, tags: ['t'] }, { start: false });
    expect(added).toMatchObject({ state: 'STOPPED', tags: ['t'], origin: 'cli' });
    await expect(client.tools.list('mine')).rejects.toMatchObject({ code: 'SERVER_NOT_RUNNING' });
    expect((await client.servers.start('mine')).state).toBe('RUNNING');
    expect((await client.servers.restart('mine')).state).toBe('RUNNING');
    expect((await client.servers.stop('mine')).state).toBe('STOPPED');
    expect((await client.tools.list('mine')).map(({ name }) => name)).toContain('echo');
    expect((await client.servers.disable('mine')).enabled).toBe(false);
    expect((await client.servers.enable('mine')).enabled).toBe(true);
    await client.servers.remove('mine');
    await expect(client.servers.get('mine')).rejects.toMatchObject({ code: 'UNKNOWN_SERVER' });
  });

  it('follows events until its signal fires', async () => {
    const stop = new AbortController();
    const seen: StoredEvent[] = [];
    const following = (async () => {
      for await (const event of client.events.follow({
        server: 'tiny',
        limit: 0,
        signal: stop.signal,
      })) {
        seen.push(event);
        if (event.to === 'RUNNING') stop.abort();
      }
    })();
    await client.servers.restart('tiny');
    await following;
    expect(seen.at(-1)).toMatchObject({ server: 'tiny', to: 'RUNNING' });
    const positions = seen.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
  });

  it('does what the example of its documentation says', async () => {
    const source = readFileSync(path.join(REPOSITORY, 'src/client/mainspring-client.ts'), 'utf8');
    const [, comment = ''] = / \* @example\n([^]*?)\n \*\//.exec(source) ?? [];
    const example = comment.replace(/^ \* ?/gm, '');
    const root = path.join(REPOSITORY, 'dist/src/index.js');
    const script = path.join(instance.folder, 'example.js');
    writeFileSync(
      path.join(instance.folder, 'server.js'),
      `require('${fixture('tiny-server.js')}')`,
    );
    writeFileSync(
      script,
      `const { MainspringClient } = require('${root}');\n(async () => {\n${example}\n})();`,
    );
    const { stdout } = await promisify(execFile)(process.execPath, [script], {
      cwd: instance.folder,
      env: { ...process.env, MAINSPRING_HOME: instance.home },
    });
    expect(stdout).toContain('hello');
  });
});
