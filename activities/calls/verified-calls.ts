import { Context } from '@temporalio/activity';
import { type CallActivities } from '../../src/domain/activity-types';
import { type CallFailureDetails } from '../../src/domain/calls/calls';
import {
  type Binding,
  lastSubmissionMs,
  refusalOfInput,
} from '../../src/domain/calls/call-binding';
import { NOT_SIGNED } from '../../src/domain/trust/signed-inputs';
import { isUnsigned } from '../../src/domain/trust/unsigned-values';
import { untrusted } from '../refuse-unsigned';

/** Activities of a server's call queue, each entered only with the input that was signed for it, and each call only once. */
export function verifiedCalls(server: string, activities: CallActivities): CallActivities {
  const seen = new SeenCalls();
  return {
    callTool(input) {
      const { callId: id, submittedAtMs = Number.NaN } = input;
      const binding = { ...input, id, submittedAtMs };
      verify(server, binding);
      if (!seen.isFirst(binding, Context.current().info.activityRunId)) {
        throw refused('has been used already');
      }
      return activities.callTool(input);
    },

    mcpRequest(input) {
      // It changes nothing, and may run again.
      verify(server, { ...input, id: input.requestId, submittedAtMs: undefined });
      return activities.mcpRequest(input);
    },
  };
}

function verify(server: string, binding: Binding): void {
  const { info } = Context.current();
  const { activityId, scheduledTimestampMs } = info;
  const heartbeat: unknown = info.heartbeatDetails;
  // It shows whether an earlier attempt has reached the server.
  if (isUnsigned(heartbeat)) throw refused(`has a heartbeat that ${NOT_SIGNED}`);
  const found = { activityId, server, scheduledAtMs: scheduledTimestampMs };
  const refusal = refusalOfInput(binding, found);
  if (refusal !== undefined) throw refused(refusal);
}

/** Returns a failure that leaves open whether the call ran where it was signed for: that is not known here. */
function refused(why: string): Error {
  const details = { outcome: 'unknown', digest: '', queuedMs: 0, ranMs: 0 } as const;
  const message = `The input of ${Context.current().info.activityId} ${why}.`;
  return untrusted(message, [details satisfies CallFailureDetails]);
}

/**
 * Calls by id, for as long as Temporal would accept a captured input again: a second activity with the same id is not
 * ours, because our clients let Temporal refuse it.
 */
class SeenCalls {
  readonly #runs = new Map<string, { runId: string | undefined; forgetAtMs: number }>();

  isFirst(call: Binding & { submittedAtMs: number }, runId: string | undefined): boolean {
    this.#forget(Date.now());
    const known = this.#runs.get(call.id);
    if (known) return known.runId === runId;
    this.#runs.set(call.id, { runId, forgetAtMs: lastSubmissionMs(call, call.submittedAtMs) });
    return true;
  }

  /** Forgets the oldest calls, up to the first that is still needed. */
  #forget(nowMs: number): void {
    for (const [id, { forgetAtMs }] of this.#runs) {
      if (forgetAtMs > nowMs) return;
      this.#runs.delete(id);
    }
  }
}
