import path from 'node:path';
import { type Instance, writeInstance } from '../offline/instance';
import { machineName, type Settings } from '../config';
import { identityOf } from '../process/process-identity';
import { connectClient, temporalSettings } from '../temporal/connection';
import { findTemporal } from '../temporal/executable';
import { choosePort } from '../temporal/ports';
import { VERSION } from '../base/version';
import { type PartOwner } from './part-owner';
import { type Role } from './role-names';
import { RoleProcess } from './role-process';
import { reportBlocked } from './report-blocked';
import { keepTemporal, type TemporalRole } from './temporal-role';

const LOOPBACK = '127.0.0.1';

/** Command line by which each role runs on its own. */
const ROLE_COMMANDS = { worker: ['worker'], host: ['host', 'run'], api: ['api'] } as const;

export interface PartsOptions {
  settings: Settings;
  roles: ReadonlySet<Role>;
  env: NodeJS.ProcessEnv;
  /** Whether to run without the Temporal UI. */
  headless: boolean;
  /** Called with a line for people: what is being done, or what went wrong. */
  onProgress: (line: string) => void;
  /** Stops it, even while it is still starting. */
  signal: AbortSignal;
}

/** Child processes of one `up`, and the file that describes them to others. */
export class Parts {
  #temporal: TemporalRole | undefined;
  #roles: RoleProcess[] = [];
  /** Port of the endpoint since it first listened: the same one after each restart. */
  #apiPort: number | undefined;
  #isApiPortUsed = false;
  #isReady = false;
  #written: Promise<void> = Promise.resolve();

  constructor(
    private readonly options: PartsOptions,
    private readonly owner: PartOwner,
  ) {}

  async startTemporal(): Promise<void> {
    const { settings, env, onProgress, headless } = this.options;
    const external = temporalSettings(env);
    if (external) {
      onProgress(`Temporal: using ${external.address} (TEMPORAL_ADDRESS)`);
      await (await connectClient(external)).close(); // or throws at once that it is not there
      return;
    }
    const { cacheDir, temporalBin, temporalArchiveUrl, temporalPort, uiPort, home } = settings;
    const { signal } = this.options;
    const places = { cacheDir, temporalBin, temporalArchiveUrl, env };
    const executable = await findTemporal({ ...places, onProgress, signal });
    this.#temporal = await keepTemporal({
      onProgress,
      headless,
      signal,
      uiPort,
      ...this.owner.temporal,
      executable: executable.path,
      dbFile: path.join(home, 'temporal.db'),
      ip: LOOPBACK,
      port: temporalPort,
      namespace: 'default',
      sqliteSync: settings.sqliteSync,
      logFile: path.join(home, 'logs', 'temporal.log'),
      onChange: () => this.#write(),
    });
    this.#write();
  }

  async startRoles(): Promise<void> {
    const { roles } = this.options;
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

  /** Stops the endpoint first, then hosts, while Temporal can still take back what they hand over. */
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

  #startRole(name: Exclude<Role, 'temporal'>): RoleProcess {
    const { settings, onProgress } = this.options;
    const { home } = settings;
    const role = new RoleProcess({
      name,
      onProgress,
      args: [process.argv[1] ?? '', ...ROLE_COMMANDS[name]],
      ...this.owner.role(name),
      env: () => this.#envOf(name),
      logFile: path.join(home, 'logs', `${name}.log`),
      onChange: () => this.#write(),
      onBlocked: (reason, pid) => void reportBlocked(home, name, pid, reason),
    });
    if (name === 'api')
      void role.ready.then(
        () => (this.#isApiPortUsed = true),
        () => undefined, // `startRoles` reports it
      );
    return role;
  }

  async #envOf(name: Exclude<Role, 'temporal'>): Promise<NodeJS.ProcessEnv> {
    const { settings, env } = this.options;
    const { address, namespace } = this.instance().temporal;
    const { apiHost, apiPort } = settings;
    if (name === 'api' && !this.#isApiPortUsed) {
      this.#apiPort = await choosePort(apiPort, apiHost);
    }
    return {
      ...env,
      ...(this.#temporal && { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace }),
      MAINSPRING_HOME: settings.home,
      MAINSPRING_HOST_ID: hostIdOf(settings),
      ...(name === 'api' && { MAINSPRING_PORT: `${this.#apiPort}`, MAINSPRING_LISTEN: apiHost }),
    };
  }

  #write(): void {
    const { home } = this.options.settings;
    const instance = this.instance();
    const before = this.#written.catch(() => undefined); // this one is newer, and complete
    this.#written = before.then(() => writeInstance(home, instance));
    this.#written.catch(() => undefined); // `markReady` reports it; later the next change tries again
  }
}

/** Id of the host that runs beside `up`: the same one after each restart. */
function hostIdOf({ hostId }: Settings): string {
  return hostId ?? machineName();
}
