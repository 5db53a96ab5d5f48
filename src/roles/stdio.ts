import { once } from 'node:events';
import { createConnection } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Settings } from '../config';
import { runningInstance } from '../offline/instance';
import { MainspringError } from '../base/errors';
import { Bridge } from '../gateway/stdio/bridge';
import { type GatewayAddress, MAX_STDIO_MESSAGE_BYTES } from '../gateway/stdio/connect';
import { stayConnected } from '../gateway/stdio/stay-connected';
import { splitLines } from '../process/lines';
import { apiSocket, findOwnSocket } from '../process/unix-socket';

/** Time for requests in flight of `mainspring stdio` after its client has closed stdin, in ms; the SDKs kill after 2 to 4 s. */
const STDIO_END_GRACE_MS = 5_000;

/** Servers that clients of this process see. */
export interface StdioScope {
  profile?: string;
  server?: string;
}

/** Interval at which a bridge whose client has gone checks whether it is done, in ms. */
const DONE_INTERVAL_MS = 20;

/**
 * Connects stdin and stdout, one JSON-RPC message per line, with the running instance; resolves when the client has closed stdin
 * and has its answers, or when this process is requested to stop.
 *
 * @throws MainspringError NOT_RUNNING, or why the gateway does not let us in
 */
export async function runStdio(
  { home }: Settings,
  scope: StdioScope,
  requested: AbortSignal,
): Promise<void> {
  const done = new AbortController();
  const end = AbortSignal.any([done.signal, requested]);
  const bridge = new Bridge((json) => void process.stdout.write(`${json}\n`));
  const lines = splitLines({
    maxBytes: MAX_STDIO_MESSAGE_BYTES,
    onLine: (line) => bridge.fromClient(line),
    onTooLong: () => done.abort(),
  });
  process.stdout.on('error', () => done.abort()); // nobody listens any more
  process.stdin.on('data', (chunk: Buffer) => lines.write(chunk));
  process.stdin.on('error', () => done.abort());
  process.stdin.on('end', () => {
    lines.end();
    void settle(bridge, end).then(() => done.abort());
  });
  try {
    await stayConnected({
      bridge,
      end,
      locate: () => locate(home, scope),
      report: (text) => void process.stderr.write(`${text}\n`),
    });
  } finally {
    process.stdin.destroy();
  }
}

/** Resolves when nothing is in flight, or the grace is over. */
async function settle(bridge: Bridge, end: AbortSignal): Promise<void> {
  const until = Date.now() + STDIO_END_GRACE_MS;
  while (bridge.isBusy && Date.now() < until && !end.aborted) await sleep(DONE_INTERVAL_MS);
}

/** Returns the socket of a gateway: one that accepts connections is a gateway's, whoever has started that. */
async function locate(home: string, { profile, server }: StdioScope): Promise<GatewayAddress> {
  const socket = findOwnSocket(apiSocket(home));
  if (socket === undefined || !(await answers(socket))) throw await whyNot(home);
  const scope =
    profile !== undefined ? `/p/${profile}` : server !== undefined ? `/s/${server}` : '';
  return { socket, path: `/mcp${scope}/ws` };
}

async function answers(socket: string): Promise<boolean> {
  const connection = createConnection(socket);
  try {
    await once(connection, 'connect');
    return true;
  } catch {
    return false; // its gateway was killed
  } finally {
    connection.destroy();
  }
}

async function whyNot(home: string): Promise<Error> {
  const { apiUrl, isReady } = await runningInstance(home);
  if (apiUrl !== undefined || !isReady) return new Error('Mainspring is still starting');
  const message = `Mainspring on ${home} is running without an MCP endpoint.`;
  return new MainspringError('NOT_RUNNING', message, { fix: 'Start one: mainspring api.' });
}
