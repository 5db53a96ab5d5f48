import { type ErrorCode } from '../../src/base/errors';
import { CallError } from '../../src/mcp/calls/call-error';
import { type Mask } from '../../src/process/mask';
import { type CallContext } from './call-context';
import { type Session } from '../session/session';
import { type Serving } from '../server/supervised-server';
import { type JsonObject } from '../../src/base/json';

/** Longest time that a host holds a call for a restart of its server, in ms; then it goes back to Temporal's queue. */
const MAX_HELD_MS = 250;

/** Call or other request that has a slot of its server and was not sent yet. */
export interface WaitingCall {
  readonly session: Session;
  readonly context: CallContext;
  readonly input: { server: string; queueTimeoutMs: number };
  /** Hides the secrets of the child that it goes to, even when that child is gone; set by `serverFor`. */
  masked: Mask;
  queueTimeLeftMs(): number;
  /** Returns the failure that ends it as one that did not run. */
  didNotRun(code: ErrorCode, message: string): Error;
}

/**
 * Resolves with the child that answers. A call waits here only for a restart that is under way; then it goes back to
 * the queue, because the loss of this host would end a call that is held here as unknown.
 */
export async function serverFor(call: WaitingCall): Promise<Serving> {
  refuseWhenEnding(call);
  const serving = call.session.server.serving ?? (await answering(call));
  call.masked = serving.mask;
  return serving;
}

async function answering(call: WaitingCall): Promise<Serving> {
  const { session, context } = call;
  const heldFor = AbortSignal.timeout(Math.min(MAX_HELD_MS, call.queueTimeLeftMs()));
  const signal = AbortSignal.any([context.cancellationSignal, heldFor]);
  const serving = await session.server.whenServing(signal);
  if (serving) return serving;
  refuseWhenEnding(call);
  if (context.cancellationSignal.aborted) throw new CallError('not-sent', 'cancelled in the queue');
  if (call.queueTimeLeftMs() > 0) throw new CallError('not-sent', 'the server is not responding');
  throw waitedTooLong(call, 'did not answer');
}

/**
 * Runs `act` with one of the concurrent calls that the server allows. If none is free it waits a moment, then goes back
 * to the queue.
 */
export async function withCallSlot<Result>(
  { session, context }: WaitingCall,
  act: () => Promise<Result>,
): Promise<Result> {
  const { room } = session;
  if (!room.tryAcquire()) {
    const heldFor = AbortSignal.timeout(context.isDirect ? 0 : MAX_HELD_MS);
    const isIn = await room.acquire(AbortSignal.any([context.cancellationSignal, heldFor]));
    if (!isIn)
      throw new CallError('not-sent', 'the server has reached its limit of concurrent calls');
  }
  try {
    return await act();
  } finally {
    room.release();
  }
}

/**
 * Last check before a call is sent: a call that is let through has to be followed to its end (`watched`).
 *
 * @param tool - absent for a request that is no call
 */
export function refuseWhenIsolated(call: WaitingCall, tool?: string): void {
  const { isolation } = call.session;
  if (isolation.holdsCalls) {
    // Its slot was given out before the maintenance began: it goes back to the queue.
    if (call.queueTimeLeftMs() > 0) throw new CallError('not-sent', 'it is in maintenance');
    throw waitedTooLong(call, 'was in maintenance and did not answer');
  }
  const refusal = isolation.refusal(tool);
  if (refusal) throw call.didNotRun(refusal.code, refusal.message);
}

/** Reports to the isolation of the server how a call ended that it has let through. */
export async function watched(
  { isolation }: Session,
  call: () => Promise<JsonObject>,
): Promise<JsonObject> {
  try {
    const result = await call();
    isolation.callEnded(isErrorResult(result) ? 'tool' : undefined);
    return result;
  } catch (error) {
    if (error instanceof CallError && error.reachedServer) isolation.callEnded(error.errorClass);
    else isolation.callNotSent();
    throw error;
  }
}

export const isErrorResult = (result: JsonObject) => result['isError'] === true;

function waitedTooLong(call: WaitingCall, why: string): Error {
  const { server, queueTimeoutMs } = call.input;
  const waited = `"${server}" ${why} within ${queueTimeoutMs} ms`;
  return call.didNotRun('QUEUE_TIMEOUT', `${waited}: the call did not run.`);
}

function refuseWhenEnding(call: WaitingCall): void {
  const { session, input } = call;
  if (session.ending === 'stopping') {
    throw call.didNotRun(
      'SERVER_NOT_RUNNING',
      `"${input.server}" was stopped before the call ran.`,
    );
  }
  if (session.ending || !session.lease.isHeld()) {
    throw new CallError('not-sent', 'this host is giving up the server');
  }
}
