import path from 'node:path';
import { type Instance, writeInstance } from '../../offline/instance';
import { type ErrorReport, MainspringError, reportOf } from '../../base/errors';
import { machineName, type Settings } from '../../config';
import { type ServerSummary } from '../../domain/servers/status';
import { identityOf } from '../../process/process-identity';
import { temporalSettings, type TemporalSettings } from '../../temporal/settings';
import { choosePort } from '../../temporal/ports';
import { pause } from '../../async/pause';
import { VERSION } from '../../base/version';
import { type PartOwner } from './part-owner';
import { type StartReport, type UpOrder } from '../orders';
import { OWN_ROLES, type OwnRole, type Role, STOP_ORDER } from '../role-names';
import { RoleProcess } from './role-process';
import { reportBlocked } from './report-blocked';
import { type TemporalRole } from './temporal-role';

const LOOPBACK = '127.0.0.1';
const NAMESPACE = 'default';
/** Name of a process that runs several roles, and of its log. */
const SHARED_PROCESS = 'roles';

/** Time that a build in the background has to end in order, in ms. */
const BUILD_END_MS = 3_000;

const ROLE_PROGRAM = path.join(__dirname, '..', 'role-main.js');
/**
 * Largest space for young objects of a role, in MB. With Node's own 16 MB an idle process holds 40 MB more, with 8 MB
 * 27 MB; with 2 MB calls spend a fifth to a third of their time on collecting garbage.
 */
const YOUNG_SPACE_MB = 4;

export interface PartsOptions {
  settings: Settings;
  roles: ReadonlySet<Role>;
  /** Whether each role gets a process of its own; otherwise they share one. */
  separate: boolean;
  /** Config files to merge into the inventory. */
  configs: readonly string[];
  env: NodeJS.ProcessEnv;
  /** Whether to run without the Temporal UI. */
  headless: boolean;
  /** Called with a line for people: what is being done, or what went wrong. */
  onProgress: (line: string) => void;
  /** Called with each server that has started, has failed to, or is being installed. */
  onServer: (server: ServerSummary) => void;
  /** Stops it, even while it is still starting. */
  signal: AbortSignal;
}

/** A process of `up` and the roles that it runs. */
interface Group {
  roles: readonly OwnRole[];
  process: RoleProcess;
}

/** Child processes of one `up`, and the file that describes them to others. */
export class Parts {
  /** Resolves when the servers have started or failed; rejects when they cannot be prepared or registered. */
  readonly settled: Promise<void>;
  #markSettled: () => void = () => undefined;
  readonly #prepared: Promise<void>;
  #markPrepared: () => void = () => undefined;
  #markFailed: (error: MainspringError) => void = () => undefined;
  #areServersStarted = false;
  #external: TemporalSettings | undefined;
  #temporal: TemporalRole | undefined;
  #buildingAhead: Promise<void> = Promise.resolve();
  /** Settles when Temporal has started or failed to. */
  #startingTemporal: Promise<void> = Promise.resolve();
  #groups: Group[] = [];
  /** Port of the endpoint since it first listened: the same one after each restart. */
  #apiPort: number | undefined;
  #isApiPortUsed = false;
  #isReady = false;
  #written: Promise<void> = Promise.resolve();
  readonly #stopping = new AbortController();

  constructor(
    private readonly options: PartsOptions,
    private readonly owner: PartOwner,
  ) {
    this.settled = new Promise((resolve, reject) => {
      this.#markSettled = resolve;
      this.#markFailed = reject;
    });
    this.settled.catch(() => undefined); // whoever waits for it gets it
    this.#prepared = new Promise((resolve) => (this.#markPrepared = resolve));
  }

  /** Starts all parts at once: the roles are loaded while Temporal starts. */
  async start(): Promise<void> {
    const { roles, env } = this.options;
    this.#external = roles.has('temporal') ? await temporalSettings(env) : undefined;
    // A mistake in a config must start nothing.
    const prepared = roles.has('worker') ? this.#prepared : Promise.resolve();
    this.#startingTemporal = roles.has('temporal')
      ? this.#startTemporal(prepared)
      : Promise.resolve();
    this.#groups = this.#rolesByProcess().map((together) => this.#startGroup(together));
    this.#write();
    if (!roles.has('worker')) this.#markSettled();
    const ready = this.#groups.map(({ process }) => process.ready);
    await Promise.race([
      Promise.all([this.#startingTemporal, ...ready]),
      this.settled.then(() => new Promise<never>(() => undefined)), // only its failure counts
    ]);
  }

  async markReady(): Promise<void> {
    this.#isReady = true;
    this.#write();
    await this.#written;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#markPrepared(); // Temporal no longer waits for it
    for (const role of STOP_ORDER) {
      await this.#groups.find(({ roles }) => roles.includes(role))?.process.stop();
    }
    await this.#startingTemporal.catch(() => undefined); // then there is none to stop
    await this.#temporal?.stop();
    await Promise.race([this.#buildingAhead, pause(BUILD_END_MS)]); // its owner kills what is left
  }

  instance(): Instance {
    const { settings } = this.options;
    const pidOf = (role: OwnRole) =>
      this.#groups.find(({ roles }) => roles.includes(role))?.process.pid;
    const host = pidOf('host');
    return {
      version: VERSION,
      owner: identityOf(process.pid),
      isReady: this.#isReady,
      temporal: {
        address: this.#temporal?.address ?? this.#external?.address ?? '',
        namespace: this.#external?.namespace ?? NAMESPACE,
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

  /** @param prepared - resolves when it may start; by then it is found */
  async #startTemporal(prepared: Promise<void>): Promise<void> {
    const { settings, env, onProgress, headless } = this.options;
    if (this.#external) {
      await prepared;
      if (this.#stopping.signal.aborted) return;
      onProgress(`Temporal: using ${this.#external.address} (TEMPORAL_ADDRESS)`);
      const { connectClient } = await import('../../temporal/connection.js');
      await (await connectClient(this.#external)).close(); // or throws at once that it is not there
      return;
    }
    const { cacheDir, temporalBin, temporalArchiveUrl, temporalPort, uiPort, home } = settings;
    const signal = AbortSignal.any([this.options.signal, this.#stopping.signal]);
    const places = { cacheDir, temporalBin, temporalArchiveUrl, env };
    // Loaded beside the process of the roles, which takes longer until it is prepared.
    const { findTemporal } = await import('../../temporal/executable.js');
    const { keepTemporal } = await import('./temporal-role.js');
    const finding = findTemporal({ ...places, onProgress, signal });
    const [executable] = await Promise.all([finding, prepared]);
    if (this.#stopping.signal.aborted) return;
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
      namespace: NAMESPACE,
      sqliteSync: settings.sqliteSync,
      logFile: path.join(home, 'logs', 'temporal.log'),
      onChange: () => this.#write(),
    });
    this.#write();
    const background = this.owner.role('temporal-build');
    const build = async () => {
      const { buildAhead } = await import('../../temporal/build-ahead.js');
      this.#buildingAhead = buildAhead(executable.path, {
        ...places,
        onProgress,
        signal,
        background,
      });
      await this.#buildingAhead;
    };
    this.settled.then(build, () => undefined); // whoever waits for it gets why
  }

  #rolesByProcess(): OwnRole[][] {
    const { roles, separate } = this.options;
    const wanted = OWN_ROLES.filter((role) => roles.has(role));
    if (separate) return wanted.map((role) => [role]);
    return wanted.length > 0 ? [wanted] : [];
  }

  #startGroup(roles: readonly OwnRole[]): Group {
    const { home } = this.options.settings;
    const { onProgress } = this.options;
    const name = roles.length === 1 ? roles.join() : SHARED_PROCESS;
    const started = new RoleProcess({
      name,
      onProgress,
      args: [`--max-semi-space-size=${YOUNG_SPACE_MB}`, ROLE_PROGRAM, ...roles],
      ...this.owner.role(name),
      env: () => this.#envOf(roles),
      logFile: path.join(home, 'logs', `${name}.log`),
      onStart: (send) => this.#order(roles, send),
      onReport: (report) => this.#noteReport(report),
      onChange: () => this.#write(),
      onBlocked: (reason, pid) => void reportBlocked(home, name, pid, reason),
    });
    if (roles.includes('api'))
      void started.ready.then(
        () => (this.#isApiPortUsed = true),
        () => undefined, // `start` reports it
      );
    return { roles, process: started };
  }

  /** Orders a new process what to do: to prepare the servers until that was done once, and to run when Temporal is there. */
  #order(roles: readonly OwnRole[], send: (order: UpOrder) => void): void {
    if (roles.includes('worker') && !this.#areServersStarted) {
      const { configs, roles: all } = this.options;
      send({ order: 'prepare', configs, hasHost: all.has('host') });
    } else send({ order: 'load' });
    const run = () => {
      const { address, namespace } = this.instance().temporal;
      send({ order: 'run', ...(this.#temporal && { temporal: { address, namespace } }) });
    };
    this.#startingTemporal.then(run, () => undefined); // `start` reports it
  }

  #noteReport(report: StartReport): void {
    const { onProgress, onServer } = this.options;
    switch (report.report) {
      case 'line':
        return onProgress(report.text);
      case 'prepared':
        return this.#markPrepared();
      case 'registered':
        this.markReady().catch((error: unknown) => this.#fail(reportOf(error)));
        return;
      case 'server':
        return onServer(report.server);
      case 'settled':
        this.#areServersStarted = true;
        return this.#markSettled();
      case 'failed':
        return this.#fail(report.error);
    }
  }

  #fail({ code, message, fix }: ErrorReport): void {
    this.#markFailed(new MainspringError(code, message, { fix }));
  }

  async #envOf(roles: readonly OwnRole[]): Promise<NodeJS.ProcessEnv> {
    const { settings, env } = this.options;
    const { apiHost, apiPort } = settings;
    const hasApi = roles.includes('api');
    if (hasApi && !this.#isApiPortUsed) this.#apiPort = await choosePort(apiPort, apiHost);
    return {
      ...env,
      MAINSPRING_HOME: settings.home,
      MAINSPRING_HOST_ID: hostIdOf(settings),
      ...(hasApi && { MAINSPRING_PORT: `${this.#apiPort}`, MAINSPRING_LISTEN: apiHost }),
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
