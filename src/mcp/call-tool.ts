import { type CallProgress } from '../domain/calls';

export interface CallOptions {
  /** From submission to the answer; beyond it the call is cancelled on the server and `lost`. */
  timeoutMs: number;
  /** Cancels the call: before it is sent it is `not-sent`, afterwards `cancelled`. */
  signal?: AbortSignal;
  onProgress?: (progress: CallProgress) => void;
  /** Called once, synchronously, right before the first byte is handed on; what it throws keeps the call from being sent. */
  onSent?: () => void;
}
