import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { type ProgramSource, type RunCommand } from '../../../src/domain/programs/programs';
import {
  type Installed,
  type Installer,
  type InstallerIo,
  type InstallTarget,
} from '../../../src/programs/installer';
import { createRunTool } from '../../../src/programs/run-tool';

export interface PythonHarness {
  home: string;
  io: InstallerIo;
  log: string[];
  install<Source extends ProgramSource>(
    installer: Installer<Source>,
    source: Source,
    more?: Partial<InstallTarget<Source>>,
  ): Promise<Installed & { folder: string }>;
}

/** Creates a data directory and tools with this environment. */
export async function openPythonHarness(env: NodeJS.ProcessEnv = {}): Promise<PythonHarness> {
  const home = await mkdtemp(path.join(os.tmpdir(), 'mainspring-test-python-'));
  const log: string[] = [];
  const plain = {
    signal: new AbortController().signal,
    onStep: (step: string) => log.push(`[${step}]`),
    log: (line: string) => log.push(line),
  };
  const all = { ...process.env, MAINSPRING_HOME: home, ...env };
  const nothing = () => undefined;
  const temporary = path.join(home, 'tmp');
  await mkdir(temporary);
  const run = createRunTool({ env: all, temporary, onSpawn: nothing, onGone: nothing }, plain);
  const io = { ...plain, env: all, run };
  let count = 0;
  return {
    ...{ home, io, log },
    install: async (installer, source, more = {}) => {
      const folder = path.join(home, `build ${++count}`);
      await mkdir(folder);
      const wish = { source, allowScripts: [], ...more };
      return { folder, ...(await installer.install(wish, folder, io)) };
    },
  };
}

export async function closePythonHarness({ home }: PythonHarness): Promise<void> {
  await rm(home, { recursive: true, force: true });
}

/** Starts an MCP server, initializes it, stops it, and returns its name. */
export async function serverName(run: RunCommand, args: string[] = [], cwd = os.tmpdir()) {
  const env = { ...process.env, ...run.env };
  const child = spawn(run.command, [...run.args, ...args], { cwd, env });
  const said: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const params = {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  };
  child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params })}\n`);
  try {
    for await (const line of createInterface(child.stdout)) {
      const answer = JSON.parse(line) as { result?: { serverInfo?: { name: string } } };
      return answer.result?.serverInfo?.name;
    }
    throw new Error(`No answer: ${said.join('')}`);
  } finally {
    const exited = new Promise((settle) => child.once('exit', settle));
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await exited;
  }
}
