import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CallOrigin } from '../../domain/calls/input-requests';
import { CALL_STATS_WINDOW_MS, type CallStats } from '../../domain/calls/call-stats';
import {
  type CallInput,
  type CallOutcome,
  type CallRecord,
  DEFAULT_PRIORITY,
} from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { callQueue } from '../../domain/names';
import { callTimeoutMs, mayRepeat } from '../../domain/spec';
import { QueuePlaces } from './queue-places';
import { checkAdmission } from './call-admission';
import { checkArguments } from './check-arguments';
import { checkKey, checkPriority, checkTimeout } from './check-call-options';
import { callDigest, keyDigest } from './call-id';
import { CallHandle, findCall, type CallDetails } from './call-handle';
import { type CallDescription, readCallStatus } from './call-status';
import { type ClientContext } from '../context';
import { type AnyCallHandle, type DirectHandles } from './direct-handles';
import { isOwnerGone } from '../servers/session-view';
import { type Snapshots } from '../servers/snapshots';
import { hasCall, type Submission, submitCall } from './submit-call';
import { type Tools } from '../servers/tools';
import { type OnDemandServers } from '../servers/on-demand';
import { type JsonObject } from '../../base/json';

/** Temporal may hold the polls of a host that died for this long, and would hand them calls. */
const DEAD_POLL_MS = 200;

export interface CallToolOptions {
  /** The same key gives the same result and never runs twice, for as long as Temporal keeps it (7 days). */
  idempotencyKey?: string;
  /** Milliseconds that the tool may take; default the server's `timeouts.call`. */
  timeoutMs?: number;
  /** Milliseconds that the call may wait for its server; default the server's `timeouts.queue`. */
  queueTimeoutMs?: number;
  /** 1 is taken first, 5 last; default 3. It counts only while calls wait. */
  priority?: number;
  /** Of the caller's own logs; default a new one. */
  correlationId?: string;
  /** Who calls, for programs that call for others; default the client's own. */
  principal?: string;
  /** Whom the server may ask something meanwhile. */
  origin?: CallOrigin;
  /** `_meta` for the server. */
  meta?: JsonObject;
  /** Called once, with the call's id: of a durable call when Temporal has it, of a direct one before it is sent. */
  onId?: (callId: string) => void;
}

/** Submitting calls, and finding those that were submitted. */
export class Calls {
  readonly #backlogs: QueuePlaces;

  constructor(
    private readonly context: ClientContext,
    private readonly snapshots: Snapshots,
    private readonly tools: Tools,
    private readonly waking: OnDemandServers,
    private readonly direct: DirectHandles,
  ) {
    this.#backlogs = new QueuePlaces(context);
  }

  /**
   * Checks a call and hands it to Temporal; from then on it survives this process.
   *
   * @param known - what is known of it already: a key that was made up for it, in the place of one of the caller's own
   */
  async start(
    server: string,
    tool: string,
    args: JsonObject,
    options: CallToolOptions = {},
    known: { key?: string; cacheMiss?: true | undefined } = {},
  ): Promise<CallHandle> {
    this.#backlogs.refresh(server);
    const snapshot = await this.waking.awake(server);
    await checkAdmission(this.snapshots, snapshot, tool);
    const checkedBy = await checkArguments(this.tools, snapshot, tool, args);
    const { principal = this.context.principal, origin, meta } = options;
    const key = checkKey(options.idempotencyKey ?? known.key ?? randomUUID());
    const { spec } = snapshot.signed;
    const input: Omit<CallInput, 'callId'> = {
      server,
      tool,
      args,
      principal,
      ...(origin && { origin }),
      ...(meta && { meta }),
      ...(known.cacheMiss && { cacheMiss: true }),
      digest: callDigest(tool, args),
      toolsHash: checkedBy?.catalogue.toolsHash,
      timeoutMs: checkTimeout(options.timeoutMs ?? callTimeoutMs(spec, tool)),
      queueTimeoutMs: checkTimeout(options.queueTimeoutMs ?? spec.timeouts.queueMs),
      correlationId: options.correlationId ?? randomUUID(),
    };
    const submittedAtMs = Date.now();
    const { owner } = snapshot;
    // What is handed to Temporal in the moment after a host's death is given to the dead one, and then unknown.
    if (owner && isOwnerGone(this.context.home, owner)) await sleep(DEAD_POLL_MS);
    const submission: Submission = {
      input,
      keyDigest: keyDigest(principal, key),
      isOwnKey: options.idempotencyKey !== undefined,
      repeatable: mayRepeat(spec, tool, checkedBy?.definition.annotations),
      priority: checkPriority(options.priority ?? DEFAULT_PRIORITY),
    };
    const full = this.#backlogs.refusal(snapshot);
    if (full && !(await hasCall(this.context, submission))) throw full;
    const place = this.#backlogs.enter(server);
    return this.#submit(submission, { principal, submittedAtMs, place }, options.onId);
  }

  async #submit(
    submission: Submission,
    more: CallDetails,
    onId: CallToolOptions['onId'],
  ): Promise<CallHandle> {
    try {
      const activity = await submitCall(this.context, submission);
      const call = { ...pick(submission.input), callId: activity.activityId };
      onId?.(call.callId);
      return new CallHandle(this.context, this.snapshots, this.waking, activity, call, more);
    } catch (error) {
      more.place?.leave();
      throw error;
    }
  }

  /** The handle of any call by its id. */
  async get(id: string): Promise<AnyCallHandle> {
    const direct = this.direct.get(id);
    if (direct) return direct;
    try {
      return await findCall(this.context, this.snapshots, this.waking, id);
    } catch (error) {
      const path = (await this.context.store.calls.get(id).catch(() => undefined))?.path; // the first error says more
      if (path === undefined || path === 'durable') throw error;
      const message = `${id} was a ${path} call. Its result was not stored, because it did not run through Temporal.`;
      const fix =
        'See how it ended: mainspring calls. Use a key for calls whose results must be stored.';
      throw new MainspringError('UNKNOWN_CALL', message, { fix });
    }
  }

  /** How a call stands now; throws UNKNOWN_CALL. */
  async look(id: string): Promise<CallDescription> {
    return this.direct.look(id) ?? readCallStatus(this.context, id);
  }

  /** Newest first: those under way, and those that ended. */
  async list({ server, limit = 50 }: { server?: string; limit?: number } = {}): Promise<
    CallRecord[]
  > {
    const { client, store } = this.context;
    const ended = await store.calls.list({ server, limit });
    const known = new Map(ended.map((record) => [record.callId, record]));
    const queue = server ? ` AND TaskQueue = '${callQueue(server)}'` : '';
    const query = `ActivityType = 'callTool' AND ExecutionStatus = 'Running'${queue}`;
    const open: CallRecord[] = [];
    for await (const { activityId } of client.activity.list(query)) {
      if (known.has(activityId)) continue; // it has ended since Temporal indexed it
      const record = await this.#openRecord(activityId);
      if (record) open.push(record);
      if (open.length === limit) break;
    }
    return [...open, ...ended].sort((a, b) => b.submittedAtMs - a.submittedAtMs).slice(0, limit);
  }

  /**
   * Figures of the calls that ended since a time (default: an hour ago): of one server, or of each that has calls. Both the
   * hosts of this data directory and its clients put calls into them.
   */
  async stats(server?: string, { sinceMs }: { sinceMs?: number } = {}): Promise<CallStats[]> {
    const since = sinceMs ?? Date.now() - CALL_STATS_WINDOW_MS;
    return this.context.store.calls.stats({ server, sinceMs: since });
  }

  async #openRecord(callId: string): Promise<CallRecord | undefined> {
    const activity = this.context.client.activity.getHandle(callId);
    const description = await activity.describe({ includeInput: true });
    const [input] = (await description.getInput<[CallInput]>()) ?? [];
    if (!input || description.status !== 'RUNNING') return undefined;
    const { server, tool, principal, correlationId } = input;
    return {
      callId,
      server,
      tool,
      principal,
      correlationId,
      status: description.runState === 'SCHEDULED' ? 'queued' : 'running',
      submittedAtMs: description.scheduleTime?.getTime() ?? 0,
    };
  }
}

function pick({ correlationId, server, tool }: Omit<CallInput, 'callId'>) {
  return { correlationId, server, tool } satisfies Partial<CallOutcome>;
}
