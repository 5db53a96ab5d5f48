import { randomUUID } from 'node:crypto';
import { WorkflowFailedError } from '@temporalio/client';
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { MainspringError } from '../base/errors';
import { CONTROL_QUEUE, validationWorkflowId } from '../domain/names';
import { type ServerSpec } from '../domain/spec';
import {
  notStartedReport,
  type ValidationReport,
  type ValidationStep,
} from '../domain/servers/validation';
import { checkEntry } from '../inventory/config/check-entry';
import { type ServerEntry } from '../inventory/config/config-schema';
import { readInventory } from '../inventory/inventory';
import { specOf } from '../inventory/normalise';
import { signSpec } from '../inventory/signature';
import { mcpValidate } from '../../workflows';
import { type ClientContext } from './context';
import { translated } from './failures';
import { followWorkflow } from './follow-workflow';
import { mapParallel } from '../async/map-parallel';
import { unknownServer } from '../domain/servers/unknown-name-errors';
import { pendingActivity } from './pending-activity';
import { type Servers } from './servers/servers';

const DEFAULT_PARALLEL = 2;
const POLL_MS = 500;

/** Progress of the validation of one server. */
export interface ValidationProgress {
  server: string;
  /** Check that is under way; undefined while it waits for a host. */
  check?: string;
  /** Set at the end. */
  report?: ValidationReport;
}

export interface ValidationOptions {
  /** Called at every change. */
  onProgress?: (progress: ValidationProgress) => void;
  /** Cancels what is under way; then `run` throws COMMAND_INTERRUPTED. */
  signal?: AbortSignal;
  /** Servers at once; default 2, so that they do not measure each other. */
  parallel?: number;
  /** Checks only whether they start, and what they list. */
  quick?: boolean;
}

export interface TryOutOptions extends Pick<ValidationOptions, 'onProgress' | 'signal'> {
  /** Relative paths in the entry start here; default the working directory. */
  baseDir?: string;
}

/** Tries servers out. */
export class Validation {
  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly servers: Servers,
  ) {}

  /**
   * Validates servers (default: every enabled one) in separate instances, and returns the reports in their order. A
   * server that cannot even be tried has a failed report too.
   *
   * @throws MainspringError UNKNOWN_SERVER before anything is begun, TEMPORAL_UNREACHABLE
   */
  async run(
    names: readonly string[] | undefined,
    options: ValidationOptions = {},
  ): Promise<ValidationReport[]> {
    const specs = await this.#specsOf(names);
    const { parallel = DEFAULT_PARALLEL, onProgress, signal } = options;
    const reports = await mapParallel(specs, parallel, async (spec) => {
      if (signal?.aborted) return [];
      const report = await this.#validate(spec, options);
      if (signal?.aborted) return []; // cancelled: this says nothing about the server
      onProgress?.({ server: spec.name, report });
      return [report];
    });
    if (signal?.aborted) throw interrupted();
    return reports.flat();
  }

  /**
   * Tries out, quickly, what is not in the inventory and perhaps never will be: whether it starts, and what it lists.
   *
   * @throws MainspringError INVALID_CONFIG, COMMAND_INTERRUPTED, TEMPORAL_UNREACHABLE
   */
  async tryOut(
    name: string,
    entry: ServerEntry,
    { baseDir = process.cwd(), ...options }: TryOutOptions = {},
  ): Promise<ValidationReport> {
    const addedAtMs = Date.now();
    const record = { entry: checkEntry(name, entry), baseDir, addedAtMs, meta: {} };
    const spec = specOf(name, { ...record, origin: 'cli' });
    const report = await this.#report(spec, { ...options, quick: true });
    if (options.signal?.aborted) throw interrupted();
    return report;
  }

  async #specsOf(names: readonly string[] | undefined): Promise<ServerSpec[]> {
    const { servers } = await readInventory(this.context.home);
    const specs = Object.entries(servers).map(([name, record]) => specOf(name, record));
    if (!names) return specs.filter(({ enabled }) => enabled).sort(byName);
    return [...new Set(names)].map((name) => {
      const spec = specs.find((known) => known.name === name);
      if (!spec) throw unknownServer(name, Object.keys(servers));
      return spec;
    });
  }

  async #validate(spec: ServerSpec, options: ValidationOptions): Promise<ValidationReport> {
    const { name } = spec;
    const isRunning = await this.#isRunning(name);
    if (isRunning && spec.process && spec.type !== 'stdio') {
      // A second instance could not listen there, and the running one would be tested.
      const reason = `the server is running and occupies ${spec.remote.url}; stop it first: mainspring stop ${name}`;
      return notStartedReport(name, Date.now(), reason);
    }
    const report = await this.#report(spec, options);
    return isRunning ? withHint(report) : report;
  }

  async #report(spec: ServerSpec, options: ValidationOptions): Promise<ValidationReport> {
    const startedAtMs = Date.now();
    try {
      return await this.#runWorkflow(spec, options);
    } catch (error) {
      const isOver = error instanceof WorkflowFailedError;
      if (!isOver) throw translated(error, spec.name);
      return notStartedReport(spec.name, startedAtMs, reasonOf(error));
    }
  }

  async #isRunning(name: string): Promise<boolean> {
    const { pid, state } = await this.servers.get(name);
    return pid !== null || state === 'RUNNING' || state === 'STARTING' || state === 'STOPPING';
  }

  async #runWorkflow(
    spec: ServerSpec,
    { onProgress, signal, quick }: ValidationOptions,
  ): Promise<ValidationReport> {
    const { client, key } = this.context;
    const { name } = spec;
    const handle = await client.workflow.start(mcpValidate, {
      workflowId: validationWorkflowId(name, randomUUID()),
      taskQueue: CONTROL_QUEUE,
      args: [{ signed: signSpec(key, spec), ...(quick && { quick }) }],
      staticSummary: `validate ${name}`,
    });
    let last: string | undefined;
    onProgress?.({ server: name, check: last });
    /** Reports the steps that the host reports; nothing depends on it. */
    const look = async (isOver: () => boolean) => {
      const step = await this.#stepOf(handle.workflowId);
      if (isOver() || !step || step.check === last) return;
      last = step.check;
      onProgress?.({ server: name, check: last });
    };
    return followWorkflow(handle, { signal, look: onProgress && look, pollMs: POLL_MS });
  }

  async #stepOf(workflowId: string): Promise<ValidationStep | undefined> {
    return (await pendingActivity<ValidationStep>(this.context.client, workflowId))?.heartbeat;
  }
}

function reasonOf(failed: WorkflowFailedError): string {
  const cause = failed.cause instanceof ActivityFailure ? failed.cause.cause : failed.cause;
  if (cause instanceof TimeoutFailure && cause.timeoutType === 'SCHEDULE_TO_START') {
    return 'no host is available; start one: mainspring host run';
  }
  return cause?.message ?? failed.message;
}

/** Adds a hint: a program that allows only one of itself cannot start beside the running one. */
function withHint(report: ValidationReport): ValidationReport {
  const [first, ...rest] = report.checks;
  if (first?.status !== 'failed') return report;
  const hint = `the server is also running; if only one instance can run at a time, stop it first: mainspring stop ${report.server}`;
  return { ...report, checks: [{ ...first, detail: `${first.detail} (${hint})` }, ...rest] };
}

const byName = (a: ServerSpec, b: ServerSpec) => (a.name < b.name ? -1 : 1);

function interrupted(): MainspringError {
  return new MainspringError('COMMAND_INTERRUPTED', 'The validation was cancelled.', {
    fix: 'The instances under test were removed. You can validate again at any time.',
  });
}
