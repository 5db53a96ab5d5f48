/**
 * Does a piece of work whenever it is asked for, one run after the other: however often it is asked for during a run, one more
 * follows. What the work throws is dropped.
 */
export function coalesce(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isWanted = false;
  const run = async () => {
    isRunning = true;
    while (isWanted) {
      isWanted = false;
      await work().catch(() => undefined); // as promised above
    }
    isRunning = false;
  };
  return () => {
    isWanted = true;
    if (!isRunning) void run();
  };
}
