import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import WebSocket from 'ws';
import { REPOSITORY } from './instance';
import { until } from './until';

/** A client that sends frames as they are, and does not care for what comes back. */
export interface HostileClient {
  send(frame: string): Promise<void>;
  /** Resolves when a last, well-formed request was answered, and so all that was sent before it has been read. */
  isAnswered(): Promise<void>;
  close(): Promise<void>;
}

const KEEPS_WAITING_MS = 300;
const BACKLOG_BYTES = 1_000_000;
const ACCEPT = 'application/json, text/event-stream';

/** Streamable HTTP: a session if it is a client of sessions, and each frame is a POST of its own. */
export async function hostilePoster(
  url: string,
  key: string,
  era: 'legacy' | 'modern',
  oddHeaders: (frame: string) => Record<string, string>,
): Promise<HostileClient> {
  const headers = { 'Content-Type': 'application/json', Accept: ACCEPT, 'X-API-Key': key };
  const opened = era === 'legacy' ? await openSession(url, headers) : '';
  const own: Record<string, string> =
    era === 'legacy' ? { 'Mcp-Session-Id': opened } : { 'MCP-Protocol-Version': '2026-07-28' };
  return {
    async send(frame) {
      const all = { ...headers, ...own, ...oddHeaders(frame) };
      const signal = AbortSignal.timeout(KEEPS_WAITING_MS);
      const response = fetch(url, { method: 'POST', headers: all, body: frame, signal });
      await response.then((answer) => answer.arrayBuffer()).catch(() => undefined);
    },
    async isAnswered() {
      const body = era === 'legacy' ? LAST : LAST_MODERN;
      const all = { ...headers, ...own, ...(era === 'modern' && { 'Mcp-Method': 'tools/list' }) };
      const answer = await fetch(url, { method: 'POST', headers: all, body });
      if (!answered(await answer.text())) throw new Error(`the answer is ${answer.status}`);
    },
    close: async () => undefined,
  };
}

async function openSession(url: string, headers: Record<string, string>): Promise<string> {
  const response = await fetch(url, { method: 'POST', headers, body: initialize('2025-03-26') });
  await response.arrayBuffer();
  return response.headers.get('mcp-session-id') ?? '';
}

/** HTTP+SSE: a stream, and each frame is a POST to where it says. */
export async function hostileSse(url: string, key: string): Promise<HostileClient> {
  const leave = new AbortController();
  const headers = { Accept: 'text/event-stream', 'X-API-Key': key };
  const stream = await fetch(`${url}/sse`, { headers, signal: leave.signal });
  let place: ((path: string) => void) | undefined;
  const endpoint = new Promise<string>((resolve) => (place = resolve));
  let isOver = false;
  void (async () => {
    for await (const chunk of stream.body ?? []) {
      const text = Buffer.from(chunk as Uint8Array).toString();
      const [, path] = /data: (\/messages\S+)/.exec(text) ?? [];
      if (path !== undefined) place?.(path);
      isOver ||= answered(text);
    }
  })().catch(() => undefined);
  const at = `${url}${await endpoint}`;
  const send = async (body: string) => {
    const own = { 'Content-Type': 'application/json', 'X-API-Key': key };
    const signal = AbortSignal.timeout(KEEPS_WAITING_MS);
    const response = fetch(at, { method: 'POST', headers: own, body, signal });
    await response.then((answer) => answer.arrayBuffer()).catch(() => undefined);
  };
  await send(initialize('2024-11-05'));
  return {
    send,
    async isAnswered() {
      await send(LAST);
      await until('the last answer', () => isOver);
    },
    close: async () => leave.abort(),
  };
}

/** WebSocket: connects again when it was sent away. */
export async function hostileSocket(url: string, key: string): Promise<HostileClient> {
  let isOver = false;
  const connect = async () => {
    const at = `${url.replace(/^http/, 'ws')}/mcp/ws`;
    const socket = new WebSocket(at, 'mcp', { headers: { 'X-API-Key': key } });
    await once(socket, 'open');
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => (isOver ||= answered(data.toString())));
    socket.send(initialize('2025-11-25'));
    return socket;
  };
  let connected = connect();
  const send = async (frame: string) => {
    let socket = await connected;
    if (socket.readyState !== WebSocket.OPEN) socket = await (connected = connect());
    socket.send(frame, () => undefined);
    while (socket.bufferedAmount > BACKLOG_BYTES) await sleep(1);
    await sleep(0);
  };
  return {
    send,
    async isAnswered() {
      await send(LAST);
      await until('the last answer', () => isOver);
    },
    close: async () => (await connected).terminate(),
  };
}

/** `mainspring stdio`: a frame is a line. It must not end, whatever it reads. */
export async function hostileStdio(
  home: string,
): Promise<HostileClient & { child: ChildProcess; said: () => string }> {
  const child = spawn(process.execPath, [`${REPOSITORY}/bin/mainspring.js`, 'stdio'], {
    ...{ env: { ...process.env, MAINSPRING_HOME: home }, stdio: 'pipe' },
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  let isOver = false;
  child.stdout.on('data', (chunk: Buffer) => (isOver ||= answered(chunk.toString())));
  child.stdin.on('error', () => undefined);
  child.stdin.write(`${initialize('2025-11-25')}\n`);
  await once(child.stdout, 'data');
  const send = async (frame: string) => {
    if (!child.stdin.write(`${frame}\n`)) await once(child.stdin, 'drain');
    await sleep(0);
  };
  return {
    child,
    said: () => said,
    send,
    async isAnswered() {
      await send(LAST);
      await until('the last answer', () => isOver);
    },
    async close() {
      child.stdin.end();
      if (child.exitCode === null) await once(child, 'exit');
    },
  };
}

const LAST = JSON.stringify({ jsonrpc: '2.0', id: 'last', method: 'ping' });
const LAST_MODERN = JSON.stringify({
  ...{ jsonrpc: '2.0', id: 'last', method: 'tools/list' },
  params: {
    _meta: {
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientCapabilities': {},
    },
  },
});

const answered = (text: string) => text.includes('"id":"last","result"');

const initialize = (protocolVersion: string) =>
  JSON.stringify({
    ...{ jsonrpc: '2.0', id: 'first', method: 'initialize' },
    params: {
      ...{ protocolVersion, clientInfo: { name: 'hostile', version: '1' } },
      capabilities: { elicitation: {}, sampling: {}, roots: {} },
    },
  });
