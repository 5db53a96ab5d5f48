import path from 'node:path';
import { ensureHome, machineName, type Settings } from '../config';
import { type Instance, writeInstance } from '../client/instance';
import { MainspringError } from '../domain/errors';
import { startGuard } from '../process/guard';
import { identityOf } from '../process/process-identity';
import { VERSION } from '../version';
import { connectClient, temporalSettings } from '../temporal/connection';
import { findTemporal } from '../temporal/executable';
import { choosePort } from '../temporal/ports';
import { RoleProcess } from './role-process';
import { type Role } from './role-names';
import { keepTemporal, type TemporalRole } from './temporal-role';
import { lockHome } from './up-lock';

export interface UpOptions {
  settings: Settings;
  roles: ReadonlySet<Role>;
  env: NodeJS.ProcessEnv;
  /** Without the Temporal UI. */
  headless: boolean;
  /** What has to be in the data directory before any part reads it. */
  prepare: () => Promise<void>;
  /** A line for a person: what is being done, or what went wrong. */
  onProgress: (line: string) => void;
  /** Fires when it should stop, also while it is still starting. */
  signal: AbortSignal;
}

export interface RunningInstance {
  readonly instance: Instance;
  /** Tells others that the servers are known to Temporal: from now on they can be used. */
  markReady(): Promise<void>;
  /** Stops every part, in order; the servers come back with the next start. */
  stop(): Promise<void>;
}

const LOOPBACK = '127.0.0.1';

/** Starts the parts of an instance as child processes and keeps them running. */
export async function startInstance(options: UpOptions): Promise<RunningInstance> {
  const { settings } = options;
  await ensureHome(settings.home);
  const lock = await lockHome(settings.home);
  const guard = startGuard();
  const parts = new Parts(options);
  const undo = async () => {
    await parts.stop();
    await guard.close();
    lock.release();
  };
  try {
    await unlessInterrupted(options.signal, async () => {
      await options.prepare();
      if (options.roles.has('temporal')) await parts.startTemporal(guard);
      await parts.startRoles();
    });
    return { instance: parts.instance(), markReady: () => parts.markReady(), stop: undo };
  } catch (error) {
    await undo();
    throw error;
  }
}

/** Of the host that runs beside `up`: the same one after each restart. */
function hostIdOf({ hostId }: Settings): string {
  return hostId ?? machineName();
}

async function unlessInterrupted(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    const interrupt = () =>
      reject(new MainspringError('START_INTERRUPTED', 'Stopped while starting.'));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
  });
  await Promise.race([work(), interrupted]);
}

/** The child processes of one `up`, and the file that tells others about them. */
class Parts {
  #temporal: TemporalRole | undefined;
  #roles: RoleProcess[] = [];
  /** The same one after each restart. */
  #apiPort: number | undefined;
  #isReady = false;
  #written: Promise<void> = Promise.resolve();

  constructor(private readonly options: UpOptions) {}

  async startTemporal(guard: ReturnType<typeof startGuard>): Promise<void> {
    const { settings, env, onProgress, headless } = this.options;
    const external = temporalSettings(env);
    if (external) {
      onProgress(`Temporal: using ${external.address} (TEMPORAL_ADDRESS)`);
      await (await connectClient(external)).close(); // or says at once that it is not there
      return;
    }
    const { cacheDir, temporalPort, uiPort, home } = settings;
    const { signal } = this.options;
    const executable = await findTemporal({ cacheDir, env, onProgress, signal });
    const port = await choosePort(temporalPort, LOOPBACK);
    const logFile = path.join(home, 'logs', 'temporal.log');
    const embedded = {
      executable: executable.path,
      dbFile: path.join(home, 'temporal.db'),
      ip: LOOPBACK,
      port,
      uiPort: await choosePort(uiPort, LOOPBACK),
      headless,
      namespace: 'default',
      logFile,
    };
    this.#temporal = await keepTemporal(embedded, guard, {
      onChange: () => this.#write(),
      onExit: (how) => onProgress(`Temporal ended (${how}); it is started again. See ${logFile}`),
    });
    this.#write();
  }

  async startRoles(): Promise<void> {
    const { roles, settings } = this.options;
    if (roles.has('api')) this.#apiPort = await choosePort(settings.apiPort, settings.apiHost);
    const wanted = (['worker', 'host', 'api'] as const).filter((role) => roles.has(role));
    this.#roles = wanted.map((role) => this.#startRole(role));
    this.#write();
    await Promise.all(this.#roles.map((role) => role.ready));
  }

  async markReady(): Promise<void> {
    this.#isReady = true;
    this.#write();
    await this.#written;
  }

  /** The endpoint first, then hosts, while Temporal can still take back what they hand over. */
  async stop(): Promise<void> {
    for (const role of ['api', 'host', 'worker']) {
      await this.#roles.find(({ name }) => name === role)?.stop();
    }
    await this.#temporal?.stop();
  }

  instance(): Instance {
    const { settings, env } = this.options;
    const external = temporalSettings(env);
    const pidOf = (name: string) => this.#roles.find((role) => role.name === name)?.pid;
    const host = pidOf('host');
    return {
      version: VERSION,
      owner: identityOf(process.pid),
      isReady: this.#isReady,
      temporal: {
        address: this.#temporal?.address ?? external?.address ?? '',
        namespace: external?.namespace ?? 'default',
        uiUrl: this.#temporal?.uiUrl,
      },
      apiUrl:
        this.#apiPort === undefined ? undefined : `http://${settings.apiHost}:${this.#apiPort}`,
      pids: {
        up: process.pid,
        temporal: this.#temporal?.pid,
        worker: pidOf('worker'),
        hosts: host === undefined ? {} : { [hostIdOf(settings)]: host },
        api: pidOf('api'),
      },
    };
  }

  #startRole(name: 'worker' | 'host' | 'api'): RoleProcess {
    const { settings, env, onProgress } = this.options;
    const { address, namespace } = this.instance().temporal;
    const logFile = path.join(settings.home, 'logs', `${name}.log`);
    const where = this.#temporal
      ? { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }
      : {};
    return new RoleProcess({
      name,
      args: [name],
      env: {
        ...env,
        ...where,
        MAINSPRING_HOME: settings.home,
        MAINSPRING_HOST_ID: hostIdOf(settings),
        ...(this.#apiPort !== undefined && {
          MAINSPRING_PORT: String(this.#apiPort),
          MAINSPRING_LISTEN: settings.apiHost,
        }),
      },
      logFile,
      onChange: () => this.#write(),
      onExit: (how) =>
        onProgress(`The ${name} ended (${how}); it is started again. See ${logFile}`),
    });
  }

  #write(): void {
    const { home } = this.options.settings;
    const instance = this.instance();
    this.#written = this.#written.then(() => writeInstance(home, instance)).catch(() => undefined);
  }
}
