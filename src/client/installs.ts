import { randomUUID } from 'node:crypto';
import { type WorkflowHandle, WorkflowFailedError } from '@temporalio/client';
import { type HostActivities } from '../domain/activity-types';
import { MainspringError } from '../base/errors';
import { findCycle } from '../domain/programs/install-plan';
import {
  type InstallInput,
  type InstallItem,
  type InstallReport,
  type InstallStep,
  installWorkflowId,
  DEFAULT_INSTALL_CONCURRENCY,
} from '../domain/programs/installs';
import { CONTROL_QUEUE, errandQueue } from '../domain/names';
import { type Program, type ProgramSource, sourceName } from '../domain/programs/programs';
import { type ServerSpec } from '../domain/spec';
import { type Inventory, type InventoryServer, readInventory } from '../inventory/inventory';
import { allowScripts } from '../inventory/consent';
import { specOf } from '../inventory/normalise';
import { signSpec } from '../inventory/signature';
import { mcpInstall, mcpInstallAll } from '../../workflows';
import { reportOfFailure } from '../../workflows/install-failure';
import { type ClientContext } from './context';
import { translated } from './failures';
import { followWorkflow } from './follow-workflow';
import { installedMeanwhile } from './installed-meanwhile';
import { readWorkflow } from './read-workflow';
import { unknownServer } from '../domain/servers/unknown-name-errors';
import { pendingActivity } from './pending-activity';

const POLL_MS = 250;
/** Longest search for newer versions of one server, in ms. */
const LATEST_TIMEOUT_MS = 60_000;

export interface InstallOptions {
  /** Installs it again even if it is already installed. */
  force?: boolean;
  skipPrerequisites?: boolean;
  /** Skips named servers that have nothing to install; by default they are refused. */
  onlyPrograms?: boolean;
  /** Installations at once; default 3. */
  concurrency?: number;
  /** Packages whose code may run while they are installed: recorded with the named servers. */
  allowScripts?: readonly string[];
  /** Called with the state of all of them, each time that something has changed. */
  onProgress?: (reports: InstallReport[]) => void;
  /** Cancels what is under way; the result says how each one ended. */
  signal?: AbortSignal;
}

export interface UpgradeOptions extends Pick<
  InstallOptions,
  'skipPrerequisites' | 'onProgress' | 'signal'
> {
  /** Version, range or tag; default the newest. */
  to?: string;
  /** Tries the new version out first; default true. */
  validate?: boolean;
}

/** Program that Mainspring installed, and its newest version. */
export interface VersionReport {
  server: string;
  method: ProgramSource['method'];
  program: string;
  installed: string | null;
  latest: string | null;
  outdated: boolean;
  error?: string;
}

/** Programs of servers: what is installed for them, and in which version. */
export class Installs {
  /** @internal */
  constructor(private readonly context: ClientContext) {}

  /**
   * Installs the programs of servers, after those of their dependencies, and waits for it. Servers without a program of
   * ours have nothing to install: unless they are named they are skipped.
   *
   * @throws MainspringError UNKNOWN_SERVER, NOT_INSTALLABLE, DEPENDENCY_CYCLE; what fails later is in the reports
   */
  async install(
    names: readonly string[] | undefined,
    options: InstallOptions = {},
  ): Promise<InstallReport[]> {
    const { home } = this.context;
    const consents = options.allowScripts ?? [];
    if (consents.length > 0) await allowScripts(home, names, consents);
    const inventory = await readInventory(home);
    const named = selected(inventory, names);
    const chosen = options.onlyPrograms ? named.filter(hasProgram) : named;
    const needed = neededBy(chosen, inventory);
    checkCycles([...chosen, ...needed]);
    const items = [
      ...chosen.map(([name, record]) => this.#itemOf(name, record, options)),
      ...needed
        .filter(hasProgram) // a server that is remote, or run as it is, has nothing to install
        .map(([name, record]) => this.#itemOf(name, record, { ...options, force: false })),
    ];
    if (items.length === 0) return [];
    const { concurrency = DEFAULT_INSTALL_CONCURRENCY } = options;
    const all = await this.context.client.workflow.start(mcpInstallAll, {
      workflowId: `mcp-installs/${randomUUID()}`,
      taskQueue: CONTROL_QUEUE,
      args: [{ items, concurrency }],
      staticSummary: `install ${items.map(({ input }) => input.name).join(', ')}`.slice(0, 200),
    });
    const known = new Map(items.map(({ input }) => [input.name, input]));
    const reports = () => readWorkflow(all, areReports);
    return installedMeanwhile(home, await this.#follow(all, reports, known, options));
  }

  /**
   * Installs another version of a server's program, validates it beside the old one, switches the server to it, and
   * back when it does not start. A stopped server stays stopped.
   *
   * @throws MainspringError UNKNOWN_SERVER, NOT_INSTALLABLE; what fails later is in the report
   */
  async upgrade(name: string, options: UpgradeOptions = {}): Promise<InstallReport> {
    const { validate = true, to } = options;
    const inventory = await readInventory(this.context.home);
    const record = recordOf(inventory, name);
    const { spec, program } = programSpec(name, record);
    const source = retargeted(program.source, to);
    const { pin: _old, ...rest } = program;
    const input: InstallInput = {
      ...this.#inputOf(name, withProgram(spec, { ...rest, source }), program.source, options),
      upgrade: true,
      validate,
    };
    const handle = await this.context.client.workflow.start(mcpInstall, {
      workflowId: installWorkflowId(input),
      taskQueue: CONTROL_QUEUE,
      args: [input],
      workflowIdConflictPolicy: 'USE_EXISTING',
      staticSummary: `upgrade ${name} to ${to ?? 'the latest version'}`,
    });
    const reports = () => readWorkflow(handle, areReports);
    try {
      return await this.#follow(handle, reports, new Map([[name, input]]), options);
    } catch (error) {
      if (!(error instanceof WorkflowFailedError)) throw error;
      const report = reportOfFailure(input, error.cause);
      options.onProgress?.([report]);
      return report;
    }
  }

  /** Returns which programs have a newer version than the one installed. */
  async outdated(names?: readonly string[]): Promise<VersionReport[]> {
    const inventory = await readInventory(this.context.home);
    return Promise.all(
      selected(inventory, names).map(([name, record]) => this.#versionOf(name, record)),
    );
  }

  async #versionOf(name: string, record: InventoryServer): Promise<VersionReport> {
    const { spec, program } = programSpec(name, record);
    const { source, pin } = program;
    const installed = pin?.version ?? null;
    const known = { server: name, method: source.method, program: sourceName(source), installed };
    try {
      const latest = await this.context.client.activity
        .typed<HostActivities>()
        .execute('latestVersion', {
          id: `mcp-latest/${name}/${randomUUID()}`,
          taskQueue: errandQueue(spec.requires),
          args: [{ signed: signSpec(this.context.key, spec) }],
          summary: `latest version of ${sourceName(source)}`,
          scheduleToCloseTimeout: LATEST_TIMEOUT_MS,
        });
      return { ...known, latest, outdated: installed !== null && installed !== latest };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
      const message = cause instanceof Error ? cause.message : String(cause);
      return { ...known, latest: null, outdated: false, error: message };
    }
  }

  #itemOf(name: string, record: InventoryServer, options: InstallOptions): InstallItem {
    const { spec, program } = programSpec(name, record);
    const dependsOn = record.entry.dependsOn ?? [];
    return { input: this.#inputOf(name, spec, program.source, options), dependsOn };
  }

  #inputOf(
    name: string,
    spec: ServerSpec,
    wish: ProgramSource,
    { force = false, skipPrerequisites = false }: InstallOptions,
  ): InstallInput {
    const { key, principal } = this.context;
    const flags = { force, skipPrerequisites, inTurn: false, upgrade: false, validate: false };
    const asked = { actor: principal, correlationId: randomUUID() };
    return { name, signed: signSpec(key, spec), wish, ...flags, ...asked };
  }

  /** Waits for the end of a workflow that installs, and tells how all of its servers stand meanwhile. */
  async #follow<Result extends InstallReport | InstallReport[]>(
    handle: WorkflowHandle<() => Promise<Result>>,
    reports: () => Promise<InstallReport[]>,
    inputs: ReadonlyMap<string, InstallInput>,
    { onProgress, signal }: Pick<InstallOptions, 'onProgress' | 'signal'>,
  ): Promise<Result> {
    const look = async (isOver: () => boolean) => {
      const now = await reports().catch(() => undefined); // its worker is away, or it has just ended: the result tells
      if (now && !isOver()) onProgress?.(await this.#withSteps(now, inputs));
    };
    try {
      const ended = await followWorkflow(handle, {
        signal,
        look: onProgress && look,
        pollMs: POLL_MS,
      });
      onProgress?.([ended].flat());
      return ended;
    } catch (error) {
      throw translated(error, [...inputs.keys()].join(', '));
    }
  }

  /** Adds the steps that the hosts report. */
  async #withSteps(
    reports: InstallReport[],
    inputs: ReadonlyMap<string, InstallInput>,
  ): Promise<InstallReport[]> {
    return Promise.all(
      reports.map(async (report) => {
        const input = inputs.get(report.server);
        if (report.status !== 'installing' || !input) return report;
        const step = await this.#stepOf(installWorkflowId(input));
        return step === undefined ? report : { ...report, detail: step };
      }),
    );
  }

  async #stepOf(workflowId: string): Promise<string | undefined> {
    const activity = await pendingActivity<InstallStep>(this.context.client, workflowId);
    if (!activity) return undefined;
    const { attempt, lastFailure, heartbeat } = activity;
    const again =
      attempt > 1 && lastFailure ? ` (attempt ${attempt}, last failure: ${lastFailure})` : '';
    return (heartbeat?.step ?? 'waiting for a host') + again;
  }
}

/** Whether an answer is a list of reports. Only ours answer these reads: any array is one. */
function areReports(value: unknown): value is InstallReport[] {
  return Array.isArray(value);
}

/** The servers that have something to install: of the names, each must. */
function selected(
  { servers }: Inventory,
  names: readonly string[] | undefined,
): [string, InventoryServer][] {
  if (!names) {
    return Object.entries(servers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .filter(hasProgram);
  }
  return [...new Set(names)].map((name) => [name, recordOf({ servers }, name)]);
}

/** Returns the dependencies of the chosen servers, and theirs, as far as they are not chosen themselves. */
function neededBy(
  chosen: readonly [string, InventoryServer][],
  inventory: Inventory,
): [string, InventoryServer][] {
  const found = new Map(chosen);
  for (const [, { entry }] of found) {
    for (const name of entry.dependsOn ?? []) found.set(name, recordOf(inventory, name));
  }
  return [...found].slice(chosen.length);
}

function hasProgram([name, record]: [string, InventoryServer]): boolean {
  return specOf(name, record).process?.program !== undefined;
}

function recordOf({ servers }: Pick<Inventory, 'servers'>, name: string): InventoryServer {
  const record = servers[name];
  if (record) return record;
  throw unknownServer(name, Object.keys(servers));
}

function programSpec(
  name: string,
  record: InventoryServer,
): { spec: ServerSpec; program: Program } {
  const spec = specOf(name, record);
  const program = spec.process?.program;
  if (program) return { spec, program };
  const why = spec.process
    ? `its command "${spec.process.command}" runs unchanged`
    : 'it is a remote server';
  throw new MainspringError('NOT_INSTALLABLE', `Server "${name}" has nothing to install: ${why}.`);
}

function withProgram(spec: ServerSpec, program: Program): ServerSpec {
  return spec.process ? { ...spec, process: { ...spec.process, program } } : spec;
}

/** Returns the source in the version that an upgrade requests. */
function retargeted(source: ProgramSource, to: string | undefined): ProgramSource {
  const { method } = source;
  if (method === 'npm') {
    const { integrity: _of, ...rest } = source;
    return { ...rest, wanted: to ?? 'latest' };
  }
  if (method === 'pypi') {
    const { integrity: _of, ...rest } = source;
    const wanted = to === undefined ? '' : /^[\d.]/.test(to) ? `==${to}` : to;
    return { ...rest, wanted };
  }
  if (to === undefined) return source;
  throw new MainspringError(
    'NOT_INSTALLABLE',
    `Only programs from npm and PyPI can be upgraded to a specific version; this one is "${method}".`,
    { fix: 'Change the image, bundle or project in its config, then reload the server.' },
  );
}

function checkCycles(servers: readonly [string, InventoryServer][]): void {
  const cycle = findCycle(
    new Map(servers.map(([name, { entry }]) => [name, entry.dependsOn ?? []])),
  );
  if (!cycle) return;
  const chain = cycle.join(' → ');
  throw new MainspringError('DEPENDENCY_CYCLE', `"dependsOn" forms a cycle: ${chain}.`);
}
