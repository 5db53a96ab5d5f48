import { MainspringError } from '../../base/errors';
import { type IsolationOrder } from '../../domain/isolation/isolation';
import { MAX_REASON_LENGTH } from '../../domain/limits';
import { MAX_QUARANTINE_MS } from '../../domain/isolation/quarantine';

const DAY_MS = 86_400_000;

/**
 * Checks an order before it goes to the entity, which could only drop it.
 *
 * @throws MainspringError WRONG_USAGE
 */
export function checkOrder(order: IsolationOrder): void {
  if (order.order === 'quarantine' && order.forMs !== undefined) checkLength(order.forMs);
  const reason = 'reason' in order ? order.reason : undefined;
  if (reason === undefined || reason.length <= MAX_REASON_LENGTH) return;
  const message = `The reason is too long: ${reason.length} characters (limit: ${MAX_REASON_LENGTH}).`;
  throw new MainspringError('WRONG_USAGE', message, { fix: 'Shorten the reason.' });
}

function checkLength(forMs: number): void {
  if (forMs >= 1 && forMs <= MAX_QUARANTINE_MS) return;
  const message = `A quarantine can last from 1 ms to ${MAX_QUARANTINE_MS / DAY_MS} days; got ${forMs} ms.`;
  const fix = 'Omit the duration to quarantine the server until it is released.';
  throw new MainspringError('WRONG_USAGE', message, { fix });
}
