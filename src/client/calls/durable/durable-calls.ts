import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PRIORITY } from '../../../domain/calls/calls';
import { mayRepeat } from '../../../domain/spec';
import { type HostSockets } from '../../host-sockets/host-sockets';
import { isOwnerGone } from '../../servers/owner-gone';
import { type CallContext } from '../call-context';
import { type CallDetails, CallHandle } from '../call-handle';
import { callDigest, keyDigest } from '../call-id';
import { checkKey, checkPriority } from '../check-call-options';
import { type CallPreparation, inputOf, type PreparedCall } from '../prepare-call';
import { QueuePlaces } from './queue-places';
import { hasCall, type Submission, submitCall } from './submit-call';

/** Temporal may hold the polls of a host that died for this long, and would hand them calls. */
const DEAD_POLL_MS = 200;

/** Calls that Temporal gets: from then on they survive this process. */
export class DurableCalls {
  readonly #places: QueuePlaces;

  constructor(
    private readonly context: CallContext,
    private readonly preparation: CallPreparation,
    private readonly sockets: Pick<HostSockets, 'awaitEnd'>,
  ) {
    this.#places = new QueuePlaces(context);
  }

  /** @throws MainspringError when the call is refused, or Temporal cannot be reached for as long as it may wait */
  async start(prepared: PreparedCall): Promise<CallHandle> {
    const { server, principal } = prepared.request;
    this.#places.refresh(server);
    const call = await this.preparation.awake(prepared);
    const submission = submissionOf(call, this.sockets);
    const submittedAtMs = Date.now();
    const { owner } = call.snapshot;
    // What is handed to Temporal in the moment after a host's death is given to the dead one, and then unknown.
    if (owner && isOwnerGone(this.context.home, owner)) await sleep(DEAD_POLL_MS);
    const full = this.#places.refusal(call.snapshot);
    if (full && !(await hasCall(this.context, submission))) throw full;
    const place = this.#places.enter(server);
    return this.#submit(call, submission, { principal, submittedAtMs, place });
  }

  async #submit(
    { request }: PreparedCall,
    submission: Submission,
    details: CallDetails,
  ): Promise<CallHandle> {
    try {
      const { activity, told } = await submitCall(this.context, submission);
      const { correlationId, server, tool } = request;
      const call = { callId: activity.activityId, correlationId, server, tool };
      request.onId?.(call.callId);
      return new CallHandle({ context: this.context, activity, told, call, details });
    } catch (error) {
      details.place?.leave();
      throw error;
    }
  }
}

function submissionOf(call: PreparedCall, sockets: Pick<HostSockets, 'awaitEnd'>): Submission {
  const { request, snapshot, checkedBy } = call;
  const { tool, args, principal, isOwnKey } = request;
  const key = checkKey(request.key);
  const input = { ...inputOf(call), digest: callDigest(tool, args) };
  return {
    input,
    keyDigest: keyDigest(principal, key),
    isOwnKey,
    repeatable: mayRepeat(snapshot.signed.spec, tool, checkedBy?.definition.annotations),
    priority: checkPriority(request.priority ?? DEFAULT_PRIORITY),
    awaitEnd(callId) {
      const { owner, signed } = snapshot;
      // Replicas share the queue: any of them may take it.
      if (!owner || (signed.spec.replicas ?? 1) > 1) return undefined;
      const { server, queueTimeoutMs } = input;
      return sockets.awaitEnd(owner.host, { server, callId, queueTimeoutMs });
    },
  };
}
