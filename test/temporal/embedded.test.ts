import { randomUUID } from 'node:crypto';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { createServer } from 'node:http2';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time';
import { isGroupAlive } from '../../src/process/group-liveness';
import { connectClient } from '../../src/temporal/connection';
import { temporalSettings } from '../../src/temporal/settings';
import {
  type EmbeddedTemporal,
  type EmbeddedTemporalOptions,
  startEmbeddedTemporal,
} from '../../src/temporal/embedded';
import { findTemporal } from '../../src/temporal/executable';
import { driverOfOurBuild } from '../../src/temporal/executable-cache';
import { prepareNamespace } from '../../src/temporal/namespace';
import { choosePort } from '../../src/temporal/ports';
import { type FreePortsOptions, startOnFreePorts } from '../../src/temporal/start-on-free-ports';
import { useTemporaryFolder } from '../temporary-folder';
import { loadSettings } from '../../src/config';

const IP = '127.0.0.1';
/** Temporal is built here once, when there is none in the cache. */
const BUILD_TIMEOUT_MS = 20 * 60_000;
const mcpServer = defineSearchAttributeKey('McpServer', 'KEYWORD');
const mcpTags = defineSearchAttributeKey('McpTags', 'KEYWORD_LIST');

const folder = useTemporaryFolder();
const running: EmbeddedTemporal[] = [];
const connections: Connection[] = [];
let executable: string;

beforeAll(async () => {
  ({ path: executable } = await findTemporal({ ...loadSettings(process.env), env: process.env }));
}, BUILD_TIMEOUT_MS);

afterEach(async () => {
  await Promise.all(connections.splice(0).map((connection) => connection.close()));
  await Promise.all(running.splice(0).map((temporal) => temporal.stop()));
});

async function start(options: Partial<EmbeddedTemporalOptions> = {}): Promise<EmbeddedTemporal> {
  const port = await choosePort(0, IP);
  const temporal = await startEmbeddedTemporal({
    executable,
    dbFile: path.join(folder(), 'temporal.db'),
    ip: IP,
    port,
    uiPort: await choosePort(port + 1_000, IP),
    headless: true,
    namespace: 'default',
    logFile: path.join(folder(), 'logs', 'temporal.log'),
    ...options,
  });
  running.push(temporal);
  return temporal;
}

/** By Node's own client: `fetch` does not let the Host header be chosen. */
function statusOf(url: string, host: string, method = 'GET'): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, authorization: 'x', 'content-type': 'application/json' };
    request(url, { method, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end(method === 'GET' ? undefined : '{}');
  });
}

async function clientOf({ address }: EmbeddedTemporal, namespace = 'default'): Promise<Client> {
  const connection = await connectClient({ address, namespace });
  connections.push(connection);
  return new Client({ connection, namespace });
}

async function startWorkflow(client: Client): Promise<string> {
  const workflowId = `test/${randomUUID()}`;
  await client.workflow.start('nobodyRunsThis', {
    workflowId,
    taskQueue: 'nobody',
    typedSearchAttributes: [
      { key: mcpServer, value: 'files' },
      { key: mcpTags, value: ['a', 'b'] },
    ],
  });
  return workflowId;
}

async function untilListed(client: Client, query: string): Promise<string[]> {
  for (;;) {
    const ids: string[] = [];
    for await (const { workflowId } of client.workflow.list({ query })) ids.push(workflowId);
    if (ids.length > 0) return ids;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe('the embedded server', () => {
  test('answers, shows its UI, and is gone after a stop', async () => {
    const spawned: number[] = [];
    const temporal = await start({ headless: false, onSpawn: (pid) => spawned.push(pid) });
    expect(spawned).toEqual([temporal.pid]);
    const response = await fetch(`${temporal.uiUrl}/`);
    expect(response.status).toBe(200);

    await temporal.stop();
    expect(isGroupAlive(temporal.pid)).toBe(false);
    expect(await temporal.exited).toEqual({ code: 0, signal: null });
    await temporal.stop();
  });

  test('answers only as this machine, so that no web page gets in by a name of its own', async () => {
    const { uiUrl = '', address } = await start({ headless: false });
    const asked = async (authority: string) => {
      const channelArgs = { 'grpc.default_authority': authority };
      await (await Connection.connect({ address, channelArgs })).close();
    };
    const pages = ['/', '/api/v1/settings', '/api/v1/namespaces'];
    const signal = '/api/v1/namespaces/default/workflows/x/signal/y';
    for (const host of ['localhost', 'LOCALHOST.:8233', '127.0.0.1:1', '[::1]:8233']) {
      for (const page of pages) expect(await statusOf(uiUrl + page, host)).toBe(200);
      await asked(host);
    }
    if (driverOfOurBuild(executable) === undefined) return; // doctor says so: test/doctor/diagnose.test.ts
    for (const host of [
      ...['evil.example', 'evil.example:80', '127.0.0.1.evil.example', 'localhost.evil.example'],
      ...['10.0.0.1', '0.0.0.0'],
    ]) {
      for (const page of pages)
        expect([host, await statusOf(uiUrl + page, host)]).toEqual([host, 421]);
      expect(await statusOf(uiUrl + signal, host, 'POST')).toBe(421);
    }
    await expect(asked('evil.example')).rejects.toMatchObject({
      cause: { message: expect.stringContaining('answers only as localhost') as string },
    });
  });

  test('is found by search attributes from the first moment on', async () => {
    const client = await clientOf(await start());
    const workflowId = await startWorkflow(client);
    expect(await untilListed(client, `McpServer = 'files' AND McpTags = 'b'`)).toEqual([
      workflowId,
    ]);
  });

  test.each(['stop', 'kill -9'])('keeps its data over a %s', async (ending) => {
    const first = await start();
    const client = await clientOf(first);
    const workflowId = await startWorkflow(client);
    await untilListed(client, `McpServer = 'files'`);
    if (ending === 'stop') await first.stop();
    else process.kill(-first.pid, 'SIGKILL');
    await first.exited;

    const again = await clientOf(await start());
    const { status } = await again.workflow.getHandle(workflowId).describe();
    expect(status.name).toBe('RUNNING');
    expect(await untilListed(again, `McpTags = 'a'`)).toEqual([workflowId]);
  });

  test('runs with the defaults of Temporal for a comparison', async () => {
    const client = await clientOf(await start({ tuned: false }));
    await startWorkflow(client);
  });

  test('fails with its last words when it exits', async () => {
    const broken = path.join(folder(), 'temporal');
    await writeFile(broken, '#!/bin/sh\necho "unable to open database file" >&2\nexit 3\n');
    await chmod(broken, 0o755);
    const failed = start({ executable: broken });
    await expect(failed).rejects.toMatchObject({ code: 'TEMPORAL_FAILED' });
    await expect(failed).rejects.toThrow(/code 3[\s\S]*unable to open database file/);
  });

  test('fails when the executable does not exist', async () => {
    const failed = start({ executable: '/nowhere/temporal' });
    await expect(failed).rejects.toMatchObject({ code: 'TEMPORAL_FAILED' });
    await expect(failed).rejects.toThrow('ENOENT');
  });

  test('rotates a large log at the start', async () => {
    const logFile = path.join(folder(), 'temporal.log');
    await writeFile(logFile, Buffer.alloc(11 * 1024 * 1024, 'x'));
    await start({ logFile });
    expect((await stat(`${logFile}.1`)).size).toBe(11 * 1024 * 1024);
    expect((await readFile(logFile, 'utf8')).startsWith('x')).toBe(false);
  });
});

describe('startOnFreePorts', () => {
  /** Ends at once as long as there is a port left to be taken away, and is Temporal after that. */
  async function unlucky(times: number): Promise<string> {
    const file = path.join(folder(), 'temporal');
    await writeFile(`${file}.left`, 'x'.repeat(times));
    const script = `#!/bin/sh
left=$(cat "$0.left")
[ -z "$left" ] && exec ${executable} "$@"
printf %s "\${left#x}" > "$0.left"
echo "listen tcp: bind: address already in use" >&2
exit 1
`;
    await writeFile(file, script, { mode: 0o755 });
    return file;
  }

  const startWith = async (file: string, over: Partial<FreePortsOptions> = {}) => {
    const hooks = { spawned: [] as number[], gone: [] as number[], lines: [] as string[] };
    const options = {
      ...{
        executable: file,
        dbFile: path.join(folder(), 'temporal.db'),
        ip: IP,
        port: 0,
        uiPort: 0,
      },
      ...{ headless: true, namespace: 'default', logFile: path.join(folder(), 'temporal.log') },
      onSpawn: (pid: number) => hooks.spawned.push(pid),
      onGone: (pid: number) => hooks.gone.push(pid),
      onProgress: (line: string) => hooks.lines.push(line),
      signal: new AbortController().signal,
      ...over,
    };
    return { hooks, started: startOnFreePorts(options) };
  };

  test('tries other ports when one was taken between its choice and its use', async () => {
    const { hooks, started } = await startWith(await unlucky(2));
    const { temporal, port } = await started;
    running.push(temporal);
    expect(temporal.address).toBe(`${IP}:${port}`);
    expect(hooks.lines).toEqual(
      Array(2).fill('Temporal exited immediately (code 1); starting it again.'),
    );
    expect(hooks.spawned.slice(0, 2)).toEqual(hooks.gone);
    expect(hooks.spawned[2]).toBe(temporal.pid);
  });

  test('takes the next port when the wanted one is taken', async () => {
    const first = await (await startWith(executable)).started;
    running.push(first.temporal);
    const dbFile = path.join(folder(), 'other.db');
    const { started } = await startWith(executable, { dbFile, port: first.port });
    const second = await started;
    running.push(second.temporal);
    expect(second.port).toBeGreaterThan(first.port);
  });

  test('gives up with its last words, and at once when it is told to stop', async () => {
    const given = await startWith(await unlucky(9));
    await expect(given.started).rejects.toMatchObject({ code: 'TEMPORAL_FAILED' });
    await expect(given.started).rejects.toThrow('address already in use');
    expect(given.hooks.spawned).toHaveLength(3);

    const stop = new AbortController();
    const stopped = await startWith(await unlucky(9), {
      onSpawn: () => stop.abort(),
      signal: stop.signal,
    });
    await expect(stopped.started).rejects.toMatchObject({ code: 'TEMPORAL_FAILED' });
    expect(stopped.hooks.gone).toHaveLength(1);
  });
});

describe('prepareNamespace', () => {
  test('creates a namespace with search attributes, by several processes at once and again', async () => {
    const client = await clientOf(await start(), 'team-a');
    const { connection } = client;
    await Promise.all([
      prepareNamespace(connection, 'team-a'),
      prepareNamespace(connection, 'team-a'),
      prepareNamespace(connection, 'team-a'),
    ]);
    await prepareNamespace(connection, 'team-a');

    const workflowId = await startWorkflow(client);
    expect(await untilListed(client, `McpServer = 'files' AND McpTags = 'b'`)).toEqual([
      workflowId,
    ]);
  });

  test('raises a short retention and leaves a long one alone', async () => {
    const { connection, workflowService } = await clientOf(await start());
    await prepareNamespace(connection, 'default');
    expect(await retentionDays(workflowService, 'default')).toBe(7);

    await workflowService.updateNamespace({
      namespace: 'default',
      config: { workflowExecutionRetentionTtl: msToTs('30d') },
    });
    await prepareNamespace(connection, 'default');
    expect(await retentionDays(workflowService, 'default')).toBe(30);
  });
});

describe('connections', () => {
  test('an address where nobody listens is TEMPORAL_UNREACHABLE', async () => {
    const address = `${IP}:${await choosePort(0, IP)}`;
    const refused = connectClient({ address, namespace: 'default' });
    await expect(refused).rejects.toMatchObject({ code: 'TEMPORAL_UNREACHABLE' });
    await expect(refused).rejects.toThrow(address);
  });

  test('a server that is not Temporal is TEMPORAL_UNREACHABLE', async () => {
    const server = createServer();
    server.on('stream', (stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '12' });
      stream.end();
    });
    const port = await choosePort(0, IP);
    await new Promise<void>((resolve) => server.listen(port, IP, resolve));
    try {
      const refused = connectClient({ address: `${IP}:${port}`, namespace: 'default' });
      await expect(refused).rejects.toMatchObject({ code: 'TEMPORAL_UNREACHABLE' });
    } finally {
      // Ends only when the client has left nothing open.
      await new Promise((resolve) => server.close(resolve));
    }
  });

  test('the standard variables name a cluster', async () => {
    expect(await temporalSettings({})).toBeUndefined();
    expect(await temporalSettings({ TEMPORAL_ADDRESS: 'cloud:7233' })).toEqual({
      address: 'cloud:7233',
      namespace: 'default',
    });
    expect(
      await temporalSettings({
        TEMPORAL_ADDRESS: 'cloud:7233',
        TEMPORAL_NAMESPACE: 'team',
        TEMPORAL_API_KEY: 'secret',
      }),
    ).toMatchObject({ namespace: 'team', apiKey: 'secret', tls: true });
  });
});

async function retentionDays(
  service: Connection['workflowService'],
  namespace: string,
): Promise<number> {
  const { config } = await service.describeNamespace({ namespace });
  return Number(config?.workflowExecutionRetentionTtl?.seconds) / 86_400;
}
