import { CancelledFailure } from '@temporalio/activity';
import { ActivityCancellationDetails } from '@temporalio/common';
import { type CallFailureDetails, type CallInput } from '../../src/domain/calls/calls';
import { type ErrorReport, fixFor, isErrorCode, reportOf } from '../../src/base/errors';
import { type FromHost } from '../../src/domain/hosts/socket-frames';
import { type CallContext } from './call-context';
import { type CallFailure, callFailureDetails, isCallFailure } from './call-failure';
import { callTool } from './call-tool';
import { type HostDeps } from '../deps';
import { type Session } from '../session/session';

type WithoutId<Frame> = Frame extends unknown ? Omit<Frame, 'id'> : never;

/** End of a direct call, or that this host does not serve it. */
export type DirectEnd = WithoutId<Extract<FromHost, { type: 'answer' | 'failure' | 'elsewhere' }>>;

/** Runs a call now or not at all, and at most once; never throws. `signal` cancels it. */
export type DirectCall = (input: CallInput, signal: AbortSignal) => Promise<DirectEnd>;

/** Creates the runner of calls that reach this host directly, without Temporal: checks and outcomes are those of all others. */
export function createDirectCall(deps: HostDeps): DirectCall {
  const log = {
    warn: (message: string, meta?: object) => deps.logger.warn({ ...meta }, message),
    error: (message: string, meta?: object) => deps.logger.error({ ...meta }, message),
  };
  return async (input, signal) => {
    const session = deps.sessions.find(input.server, isFree);
    if (!session) return { type: 'elsewhere' };
    try {
      const answer = await callTool(deps, session, input, directContext(signal, log));
      return { type: 'answer', answer };
    } catch (error) {
      return endOf(error, input);
    }
  };
}

/** Whether a call can run at once; otherwise it takes the durable way, where it can wait. */
function isFree({ server, room, ending, lease, isolation }: Session): boolean {
  if (!server.serving || ending || isolation.holdsCalls) return false;
  return room.isAvailable && lease.isHeld();
}

function directContext(cancellationSignal: AbortSignal, log: CallContext['log']): CallContext {
  return {
    info: { attempt: 1, scheduledTimestampMs: Date.now(), heartbeatDetails: undefined },
    cancellationSignal,
    get cancellationDetails() {
      if (!cancellationSignal.aborted) return undefined;
      return new ActivityCancellationDetails({ cancelRequested: true });
    },
    heartbeat: () => undefined, // its caller is on the socket, and gets its progress there
    log,
    isDirect: true,
  };
}

function endOf(error: unknown, input: CallInput): DirectEnd {
  const details = callFailureDetails(error);
  if (!isCallFailure(error) || !details) return endInDoubt(error, input);
  // A call that Temporal would retry was not sent.
  const isFinal = error instanceof CancelledFailure || error.nonRetryable === true;
  if (!isFinal && details.outcome === 'failed') return { type: 'elsewhere' };
  return { type: 'failure', error: reportIn(error, input.server), details };
}

/** Returns the end of a call of which only an error is known. */
export function endInDoubt(error: unknown, { digest }: CallInput): DirectEnd {
  const details: CallFailureDetails = { outcome: 'unknown', digest, queuedMs: 0, ranMs: 0 };
  return { type: 'failure', error: reportOf(error), details };
}

function reportIn(error: CallFailure, server: string): ErrorReport {
  const { message } = error;
  const type = error instanceof CancelledFailure ? 'CALL_CANCELLED' : error.type;
  const code = isErrorCode(type) ? type : 'INTERNAL_ERROR';
  return { code, message, fix: fixFor(code, server) };
}
