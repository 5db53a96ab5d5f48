import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { type Instance, readInstance } from '../../src/offline/instance';
import { MainspringClient } from '../../src/client/mainspring-client';
import { type ServerEntry } from '../../src/inventory/config/config-schema';
import { ROLES } from '../../src/roles/role-names';
import { until } from './until';

export const REPOSITORY = path.resolve(__dirname, '../..');
export const fixture = (name: string) => path.join(REPOSITORY, 'test/fixtures', name);

const COMMAND = path.join(REPOSITORY, 'bin/mainspring.js');
const STOP_LIMIT_MS = 60_000;

export type Pids = Instance['pids'];
type Part = 'up' | 'temporal' | 'worker' | 'host' | 'api' | 'roles';

interface CliResult<T> {
  stdout: string;
  stderr: string;
  code: number | null;
  /** What stdout says; undefined when it is not one JSON document. */
  json: T;
}

export interface InstanceOptions {
  /** Servers, written into a config file that `up` reads; or the path of a config file. */
  config?: Record<string, ServerEntry> | string;
  /** As `up --roles` takes them; default all but the MCP endpoint, which costs a second of CPU. */
  roles?: string;
  /** With the MCP endpoint. */
  gateway?: boolean;
  /** Each role in its own process, so that one of them can be killed alone. */
  separate?: boolean;
  env?: Record<string, string>;
  /** More arguments of `up`. */
  args?: string[];
  /** The data directory of an instance that ran before. */
  home?: string;
  /** Waits only for the parts of the instance, not until its servers are up or have failed. */
  partsOnly?: boolean;
}

/** A running `mainspring up`, with a data directory of its own. */
export interface TestInstance {
  home: string;
  /** For files of the test, removed with the instance. */
  folder: string;
  /** The config file that `up` was given, if it was given servers. */
  configFile: string;
  client: MainspringClient;
  /** What `up` has said to a person so far. */
  said(): string;
  cli<T = unknown>(...args: string[]): Promise<CliResult<T>>;
  /** Starts the `mainspring` command and leaves it running, such as a second host. */
  spawn(args: string[], env?: Record<string, string>): ChildProcess;
  pids(): Promise<Pids>;
  /** `kill -9` of the process of one part; resolves when it is gone. One that other roles share is killed as `roles`. */
  kill(part: Part): Promise<void>;
  /** `kill -9` of `up`, Temporal, control worker and hosts, all at once. */
  killAll(): Promise<void>;
  /** Pids of all processes that belong to this instance, MCP servers and what they started included. */
  processes(): Promise<number[]>;
  /** Stops it as SIGTERM does; the data directory stays until the end of the file. */
  down(): Promise<void>;
}

const instances: Started[] = [];
const folders: string[] = [];

afterAll(async () => {
  await Promise.all(instances.splice(0).map((instance) => instance.cleanUp()));
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Starts an instance that is stopped, and removed with all of its processes, at the end of the test file. */
export async function startInstance(options: InstanceOptions = {}): Promise<TestInstance> {
  const instance = new Started(options);
  instances.push(instance);
  await instance.start();
  return instance;
}

export const isRunning = (pid: number): boolean => {
  try {
    // A zombie has ended; whoever started it may never ask.
    return !/^\d+ \(.*\) [ZX]/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

export async function killProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await until(`the end of process ${pid}`, () => !isRunning(pid));
}

class Started implements TestInstance {
  readonly folder: string;
  readonly home: string;
  readonly configFile: string;
  #client: MainspringClient | undefined;
  #up: ChildProcess | undefined;
  #stdout = '';
  #stderr = '';
  readonly #others: ChildProcess[] = [];
  readonly #env: NodeJS.ProcessEnv;
  readonly #args: string[];

  constructor(private readonly options: InstanceOptions) {
    this.folder = options.home ? path.dirname(options.home) : newFolder();
    this.home = path.join(this.folder, 'home');
    this.configFile = path.join(this.folder, 'servers.json');
    const { config, gateway = false, separate = false, env, args = [] } = options;
    const { roles = gateway ? ROLES.join() : 'temporal,worker,host' } = options;
    if (typeof config === 'object') {
      writeFileSync(this.configFile, JSON.stringify({ mcpServers: config }, null, 2));
    }
    const file = typeof config === 'string' ? config : this.configFile;
    this.#args = [
      ...['up', '--json', '--no-ui'],
      ...(config === undefined ? [] : ['--config', file]),
      ...['--roles', roles],
      ...(separate ? ['--separate'] : []),
      ...args,
    ];
    const { TEMPORAL_ADDRESS: _own, ...inherited } = process.env;
    this.#env = {
      ...inherited,
      MAINSPRING_HOME: this.home,
      // Marks every process of the instance, so that none is overlooked and none of another is touched.
      MAINSPRING_HOST_ID: path.basename(this.folder),
      MAINSPRING_TEMPORAL_PORT: '0',
      MAINSPRING_UI_PORT: '0',
      MAINSPRING_PORT: '0',
      ...env,
    };
  }

  get client(): MainspringClient {
    if (!this.#client) throw new Error('the instance has not started');
    return this.#client;
  }

  async start(): Promise<void> {
    const up = spawn(process.execPath, [COMMAND, ...this.#args], {
      env: this.#env,
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#up = up;
    up.stdout.on('data', (chunk: Buffer) => (this.#stdout += chunk.toString()));
    up.stderr.on('data', (chunk: Buffer) => (this.#stderr += chunk.toString()));
    const { home, options } = this;
    await until('the instance is up', async () => {
      if (up.exitCode !== null || up.signalCode !== null) {
        throw new Error(`up has ended (${up.exitCode ?? up.signalCode}):\n${this.#stdout}`);
      }
      if (options.partsOnly) return (await readInstance(home))?.isReady;
      if (this.#stdout.startsWith('{\n  "error"')) throw new Error(this.#stdout);
      return this.#stdout.endsWith('}\n');
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.#stderr}`, { cause: error });
    });
    this.#client = await MainspringClient.connect({ home });
  }

  said(): string {
    return this.#stderr;
  }

  async cli<T>(...args: string[]): Promise<CliResult<T>> {
    const child = this.spawn(args);
    let stdout = '';
    let stderr = '';
    child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { stdout, stderr, code, json: parsed(stdout) as T };
  }

  spawn(args: string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [COMMAND, ...args], {
      env: { ...this.#env, ...env },
      cwd: this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#others.push(child);
    return child;
  }

  async pids(): Promise<Pids> {
    const instance = await readInstance(this.home);
    if (!instance) throw new Error('the instance does not run');
    return instance.pids;
  }

  async kill(part: Part): Promise<void> {
    const { up, temporal, worker, hosts, api } = await this.pids();
    const [host] = Object.values(hosts);
    const pid = { up, temporal, worker, host, api, roles: worker }[part];
    if (pid === undefined) throw new Error(`there is no ${part} now`);
    const isShared = [worker, host, api].filter((other) => other === pid).length > 1;
    if (isShared !== (part === 'roles')) throw new Error(`${part} shares its process: ${isShared}`);
    await killProcess(pid);
  }

  async killAll(): Promise<void> {
    const { up, temporal, worker, hosts, api } = await this.pids();
    const all = [up, temporal, worker, api, ...Object.values(hosts)];
    const pids = new Set(all.filter((pid) => pid !== undefined));
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await Promise.all([...pids].map((pid) => until(`the end of ${pid}`, () => !isRunning(pid))));
    await this.#closeClient();
  }

  async processes(): Promise<number[]> {
    const entries = await readdir('/proc');
    const pids = entries.map(Number).filter((pid) => Number.isInteger(pid) && pid !== process.pid);
    const ours = await Promise.all(pids.map((pid) => this.#owns(pid)));
    return pids.filter((_pid, index) => ours[index]);
  }

  async down(): Promise<void> {
    await this.#closeClient();
    const up = this.#up;
    if (up?.pid === undefined || !isRunning(up.pid)) return;
    const { pid } = up;
    up.kill('SIGTERM');
    await until('the end of up', () => !isRunning(pid), STOP_LIMIT_MS);
  }

  async cleanUp(): Promise<void> {
    await this.down().catch(() => undefined); // what does not stop is killed below
    for (const other of this.#others) other.kill('SIGKILL');
    await until('every process of the instance is gone', async () => {
      const left = await this.processes();
      for (const pid of left) killIfThere(pid);
      return left.length === 0;
    });
  }

  async #closeClient(): Promise<void> {
    await this.#client?.close();
    this.#client = undefined;
  }

  async #owns(pid: number): Promise<boolean> {
    if (!isRunning(pid)) return false;
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
    const texts = await Promise.all([read('environ'), read('cmdline')]);
    return texts.some((text) => text.includes(path.basename(this.folder)));
  }
}

function newFolder(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'mainspring-e2e-'));
  mkdirSync(path.join(folder, 'home'), { mode: 0o700 });
  folders.push(folder);
  return folder;
}

function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended since it was found.
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
