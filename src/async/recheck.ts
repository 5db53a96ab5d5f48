/** Pauses before the first check, and between one and the next. */
export interface RecheckPauses {
  firstMs: number;
  thenMs: number;
}

/**
 * Checks something again and again, one check at a time, until the returned function is called. A check that fails is
 * made again later. Most waits are over before the first check, so that they cost only a timer; none keeps the process.
 */
export function recheck(
  { firstMs, thenMs }: RecheckPauses,
  check: () => Promise<void>,
): () => void {
  let isOver = false;
  let timer: NodeJS.Timeout;
  const checkAfter = (ms: number) => {
    timer = setTimeout(run, ms).unref();
  };
  const run = () => {
    const goOn = () => {
      if (!isOver) checkAfter(thenMs);
    };
    check().then(goOn, goOn);
  };
  checkAfter(firstMs);
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
