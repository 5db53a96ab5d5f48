import { type CallInput } from '../../domain/calls/calls';
import { type ServerSnapshot } from '../../domain/messages';
import { callTimeoutMs } from '../../domain/spec';
import { isAsleep } from '../servers/on-demand';
import { type Tools } from '../servers/tools';
import { admitted } from './call-admission';
import { type CallContext } from './call-context';
import { type CallRequest } from './call-request';
import { checkArguments, type CheckedBy } from './check-arguments';
import { checkTimeout } from './check-call-options';

/** A call that may be made by what is known of its server, whichever way it goes. */
export interface PreparedCall {
  readonly request: CallRequest;
  readonly snapshot: ServerSnapshot;
  /** Undefined when the tools of the server are not known yet, or it is asleep. */
  readonly checkedBy: CheckedBy | undefined;
  /** Its result was looked for in the cache, and was not there. */
  readonly cacheMiss?: true;
}

/**
 * Prepares a call once, before it takes its way: the server is looked up, has to take the call, and the arguments have
 * to fit.
 */
export class CallPreparation {
  constructor(
    private readonly context: CallContext,
    private readonly tools: Pick<Tools, 'catalogue'>,
  ) {}

  /** @throws MainspringError when the call is refused, or its server is not known */
  async prepare(request: CallRequest): Promise<PreparedCall> {
    const { snapshots, onDemand } = this.context;
    const { server } = request;
    // Without a promise where nothing is to be waited for: it is most of what a preparation costs.
    return this.#check(request, snapshots.known(server) ?? (await onDemand.known(server)));
  }

  /** The same call for a server that is not asleep, which is started otherwise: then it is checked by what that one says. */
  async awake(call: PreparedCall): Promise<PreparedCall> {
    const snapshot = await this.context.onDemand.awake(call.snapshot);
    if (snapshot === call.snapshot) return call;
    return { ...call, ...(await this.#check(call.request, snapshot)) };
  }

  async #check(request: CallRequest, known: ServerSnapshot): Promise<PreparedCall> {
    const { tool, args } = request;
    const snapshot = await admitted(this.context.snapshots, known, tool);
    // A server that is asleep may list other tools when it wakes up.
    const checkedBy = isAsleep(snapshot)
      ? undefined
      : await checkArguments(this.tools, snapshot, tool, args);
    return { request, snapshot, checkedBy };
  }
}

/** Returns the input of a call for its host, except for what depends on the way. */
export function inputOf({
  request,
  snapshot,
  checkedBy,
  cacheMiss,
}: PreparedCall): Omit<CallInput, 'callId' | 'digest'> {
  const { server, tool, args, principal, correlationId, origin, meta } = request;
  const { spec } = snapshot.signed;
  return {
    server,
    tool,
    args,
    principal,
    correlationId,
    toolsHash: checkedBy?.catalogue.toolsHash,
    timeoutMs: checkTimeout(request.timeoutMs ?? callTimeoutMs(spec, tool)),
    queueTimeoutMs: checkTimeout(request.queueTimeoutMs ?? spec.timeouts.queueMs),
    ...(origin && { origin }),
    ...(meta && { meta }),
    ...(cacheMiss && { cacheMiss }),
  };
}
