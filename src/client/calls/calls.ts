import { CALL_STATS_WINDOW_MS, type CallStats } from '../../domain/calls/call-stats';
import { type CallInput, type CallRecord } from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { callQueue } from '../../domain/names';
import { type CallContext } from './call-context';
import { findCall } from './call-handle';
import { type CallDescription, readCallStatus } from './call-status';
import { type AnyCallHandle, type DirectHandles } from './direct-handles';

/** Finding calls that were submitted, and those that this process makes. */
export class Calls {
  /** @internal */
  constructor(
    private readonly context: CallContext,
    private readonly direct: DirectHandles,
  ) {}

  /** Returns the handle of any call by its id. */
  async get(id: string): Promise<AnyCallHandle> {
    const direct = this.direct.get(id);
    if (direct) return direct;
    try {
      return await findCall(this.context, id);
    } catch (error) {
      const path = (await this.context.store.calls.get(id).catch(() => undefined))?.path; // the index is only for looking
      if (path === undefined || path === 'durable') throw error;
      const message = `${id} was a ${path} call. Its result was not stored, because it did not run through Temporal.`;
      const fix =
        'See how it ended: mainspring calls. Use a key for calls whose results must be stored.';
      throw new MainspringError('UNKNOWN_CALL', message, { fix });
    }
  }

  /** Returns the current status of a call; throws UNKNOWN_CALL. */
  async look(id: string): Promise<CallDescription> {
    return this.direct.look(id) ?? readCallStatus(this.context, id);
  }

  /** Lists calls, newest first: those under way, and those that ended. */
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
   * Returns figures of the calls that ended since a time (default: an hour ago): of one server, or of each that has
   * calls. Both the hosts of this data directory and its clients record calls.
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
