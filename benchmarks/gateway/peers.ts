import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { packageRoot } from '../../src/base/package-root';
import { choosePort } from '../../src/temporal/ports';
import { tinyServer } from '../instance';
import { npmTools, pythonTools } from '../tools';
import { until } from '../until';
import { legacyHttp, plainHttp } from './callers';
import { type Load, type Target } from './load';

const START_LIMIT_MS = 30_000;
const TOOL = 'echo';
const SERVER = [process.execPath, tinyServer] as const;

/** Program that runs for the time of its measurement. */
export interface RunningTarget extends Load {
  stop: () => Promise<void>;
}

export interface Contestant {
  name: string;
  start: () => Promise<RunningTarget>;
}

/** Gateways and proxies from npm and PyPI, each in front of the same server on stdio. */
export const PEERS: Contestant[] = [
  {
    name: 'supergateway 4.0.0 --stateful',
    async start() {
      const program = path.join(await npmTools('peers'), 'supergateway', 'dist', 'index.js');
      const flags = ['--outputTransport', 'streamableHttp', '--stateful', '--logLevel', 'none'];
      return runPeer((port) => ({
        command: [
          ...[process.execPath, program, '--stdio', SERVER.join(' '), '--port', String(port)],
          ...flags,
        ],
        target: legacyHttp(`http://127.0.0.1:${port}/mcp`, TOOL),
      }));
    },
  },
  {
    name: 'mcp-proxy 6.7.19 (npm)',
    async start() {
      const program = path.join(
        await npmTools('peers'),
        'mcp-proxy',
        'dist',
        'bin',
        'mcp-proxy.mjs',
      );
      return runPeer((port) => ({
        command: [process.execPath, program, '--port', String(port), '--', ...SERVER],
        target: legacyHttp(`http://127.0.0.1:${port}/mcp`, TOOL),
      }));
    },
  },
  {
    name: 'mcp-hub 4.2.1 (REST)',
    async start() {
      const program = path.join(await npmTools('peers'), 'mcp-hub', 'dist', 'cli.js');
      return runPeer((port, folder) => ({
        command: [
          ...[process.execPath, program, '--port', String(port)],
          ...['--config', path.join(folder, 'servers.json')],
        ],
        target: plainHttp(`http://127.0.0.1:${port}/api/servers/tools`, {
          server_name: 'tiny',
          tool: TOOL,
          arguments: { text: 'x' },
        }),
      }));
    },
  },
  {
    name: 'mcp-proxy 0.13.0 (PyPI)',
    async start() {
      const python = await pythonTools('python-mcp-proxy');
      return runPeer((port) => ({
        command: [python, '-m', 'mcp_proxy', '--port', String(port), ...SERVER],
        target: legacyHttp(`http://127.0.0.1:${port}/mcp`, TOOL),
      }));
    },
  },
  {
    name: 'mcpo 0.0.20 (REST)',
    async start() {
      const python = await pythonTools('python-mcpo');
      return runPeer((port) => ({
        command: [
          python,
          '-c',
          'from mcpo import app; app()',
          '--host',
          '127.0.0.1',
          '--port',
          String(port),
          '--',
          ...SERVER,
        ],
        target: plainHttp(`http://127.0.0.1:${port}/${TOOL}`, { text: 'x' }),
      }));
    },
  },
  {
    name: 'FastMCP 4.0.10 proxy',
    async start() {
      const python = await pythonTools('python-fastmcp');
      const program = path.join(packageRoot(), 'test', 'tools', 'python-fastmcp', 'proxy.py');
      return runPeer((port) => ({
        command: [python, program, String(port), ...SERVER],
        target: legacyHttp(`http://127.0.0.1:${port}/mcp`, TOOL),
      }));
    },
  },
];

/** Those whose endpoint is MCP, as Mainspring's is. */
export const MCP_PEERS = PEERS.filter(({ name }) => !name.endsWith('(REST)'));

interface Peer {
  command: string[];
  target: Target;
}

/** Runs a peer in a process group and a home of its own, so that it ends whole and writes nowhere else. */
export async function runPeer(
  describe: (port: number, folder: string) => Peer,
): Promise<RunningTarget> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-peer-'));
  const [command, ...args] = SERVER;
  const servers = { mcpServers: { tiny: { command, args } } };
  await writeFile(path.join(folder, 'servers.json'), JSON.stringify(servers));
  const port = await choosePort(0, '127.0.0.1');
  const peer = describe(port, folder);
  const [program = '', ...flags] = peer.command;
  const child = spawn(program, flags, {
    cwd: folder,
    env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_STATE_HOME: folder },
    detached: true,
    stdio: 'ignore',
  });
  const stop = async () => {
    endGroup(child);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await until('it listens', () => listens(child, port), { limitMs: START_LIMIT_MS, pollMs: 50 });
    await until('it answers', () => answers(peer.target), { limitMs: START_LIMIT_MS, pollMs: 200 });
    return { target: peer.target, mark: path.basename(folder), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Whether the tool can be called yet. */
export async function answers(target: Target): Promise<boolean> {
  try {
    const caller = await target.open();
    await caller.call().finally(() => caller.close());
    return true;
  } catch {
    return false; // not yet
  }
}

function listens(child: ChildProcess, port: number): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`it has ended with code ${child.exitCode}`);
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function endGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
