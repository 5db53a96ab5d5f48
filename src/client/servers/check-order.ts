import { MainspringError } from '../../base/errors';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { MAX_REASON_LENGTH } from '../../domain/limits';
import { MAX_QUARANTINE_MS } from '../../domain/isolation/quarantine';

const DAY_MS = 86_400_000;

/**
 * Before it goes to the entity, which could only drop it.
 *
 * @throws MainspringError WRONG_USAGE
 */
export function checkOrder(order: IsolationOrder): void {
  if (order.order === 'quarantine' && order.forMs !== undefined) checkLength(order.forMs);
  const reason = 'reason' in order ? order.reason : undefined;
  if (reason === undefined || reason.length <= MAX_REASON_LENGTH) return;
  const message = `The reason has ${reason.length} characters; ${MAX_REASON_LENGTH} are the limit.`;
  throw new MainspringError('WRONG_USAGE', message, { fix: 'Say it shorter.' });
}

function checkLength(forMs: number): void {
  if (forMs >= 1 && forMs <= MAX_QUARANTINE_MS) return;
  const message = `A quarantine lasts from 1 ms to ${MAX_QUARANTINE_MS / DAY_MS} days, not ${forMs} ms.`;
  const fix = 'Leave its length out: then it lasts until it is released.';
  throw new MainspringError('WRONG_USAGE', message, { fix });
}
