import { randomUUID } from 'node:crypto';
import { type JsonObject } from '../../base/json';
import { type CallOrigin } from '../../domain/calls/input-requests';
import { type CallHandle } from './call-handle';

export interface CallToolOptions {
  /** The same key gives the same result and never runs twice, for as long as Temporal keeps it (7 days). */
  idempotencyKey?: string;
  /** Milliseconds that the tool may take; default the server's `timeouts.call`. */
  timeoutMs?: number;
  /** Milliseconds that the call may wait for its server; default the server's `timeouts.queue`. */
  queueTimeoutMs?: number;
  /** 1 is taken first, 5 last; default 3. It counts only while calls wait. */
  priority?: number;
  /** Id of the caller's own logs; default a new one. */
  correlationId?: string;
  /** Principal of the call, for programs that call for others; default the client's own. */
  principal?: string;
  /** Whom the server may ask something meanwhile. */
  origin?: CallOrigin;
  /** `_meta` for the server. */
  meta?: JsonObject;
  /** Called once, with the call's id: of a durable call when Temporal has it, of a direct one before it is sent. */
  onId?: (callId: string) => void;
}

/** Callbacks and a signal for a call that somebody waits for. */
export interface CallHooks {
  /** Gets the handle of a call that takes the durable way, as soon as Temporal has it. */
  onStart?: (handle: CallHandle) => void;
  /** A call that takes the direct way is about to be sent: only this process can follow it. */
  onSend?: () => void;
  /** Cancels the call: it may end in another way all the same. */
  signal?: AbortSignal;
}

/** Call of a batch. */
export interface ToolCall extends CallToolOptions {
  server: string;
  tool: string;
  args?: JsonObject;
}

/** A call as it is wanted, with what was left out. */
export interface CallRequest extends Omit<ToolCall, 'idempotencyKey'> {
  args: JsonObject;
  principal: string;
  correlationId: string;
  /** Makes its id, whichever way it goes. */
  key: string;
  /** A key of the caller may have been used before; one that was made up now cannot. */
  isOwnKey: boolean;
}

/** @param principal - who calls, unless the call says otherwise */
export function callRequest(
  { idempotencyKey, onId, ...call }: ToolCall,
  principal: string,
): CallRequest {
  return {
    ...call,
    args: call.args ?? {},
    principal: call.principal ?? principal,
    correlationId: call.correlationId ?? randomUUID(),
    key: idempotencyKey ?? randomUUID(),
    isOwnKey: idempotencyKey !== undefined,
    onId: onId && once(onId),
  };
}

/** A call that turned out not to be direct has told its id already. */
function once(tell: (callId: string) => void): (callId: string) => void {
  let isTold = false;
  return (id) => {
    if (!isTold) tell(id);
    isTold = true;
  };
}
