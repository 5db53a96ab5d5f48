/**
 * Runs `work` whenever it is requested, one run at a time. Any number of requests during a run lead to one more run.
 * Errors of `work` are dropped.
 */
export function coalesce(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isRequested = false;
  const run = async () => {
    isRunning = true;
    while (isRequested) {
      isRequested = false;
      await work().catch(() => undefined); // as promised above
    }
    isRunning = false;
  };
  return () => {
    isRequested = true;
    if (!isRunning) void run();
  };
}
