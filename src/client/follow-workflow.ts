import { isGrpcServiceError, type WorkflowHandle } from '@temporalio/client';
import { pause } from '../async/pause';

export interface FollowOptions {
  /** Cancels the workflow, whose result then tells what became of it. */
  signal?: AbortSignal | undefined;
  /** Called again and again until the workflow has ended. A Temporal that is away meanwhile is no error. */
  look?: ((isOver: () => boolean) => Promise<void>) | undefined;
  /** Between two looks. */
  pollMs: number;
}

/** Waits until a workflow has ended, however long that takes, also when it was cancelled. */
export async function followWorkflow<Result>(
  handle: WorkflowHandle<() => Promise<Result>>,
  { signal, look, pollMs }: FollowOptions,
): Promise<Result> {
  const cancel = () => void handle.cancel().catch(() => undefined); // it has ended, or its result tells that Temporal is away
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  const over = new AbortController();
  try {
    const result = handle.result().finally(() => over.abort());
    const [ended] = await Promise.all([result, look && lookUntil(over.signal, look, pollMs)]);
    return ended;
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}

async function lookUntil(
  over: AbortSignal,
  look: (isOver: () => boolean) => Promise<void>,
  pollMs: number,
): Promise<void> {
  while (!over.aborted) {
    try {
      await look(() => over.aborted);
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error; // Temporal is away: the result tells
    }
    await pause(pollMs, over);
  }
}
