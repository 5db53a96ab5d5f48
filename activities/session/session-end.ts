import { ApplicationFailure } from '@temporalio/activity';
import { type Failure } from '../server/supervised-server';
import { type Owner } from '../../src/domain/entity/owner';

/** Pause before another host, or the same one, tries a server that a host has given back. */
const UNFIT_PAUSE = '2 s';

/** Reason why an owner stops owning. */
export type End =
  | { why: 'stopping' }
  /** A stop until the next call. */
  | { why: 'idle' }
  | { why: 'draining'; reason: string }
  | { why: 'fenced'; reason: string }
  /** Another host may have what it needs. */
  | { why: 'unfit'; reason: string }
  | { why: 'failed'; failure: Failure };

/** Ends the activity as Temporal needs it: in order, to be taken by the next host, or for good. */
export function throwFor(end: End, owner: Owner): void {
  switch (end.why) {
    case 'stopping':
    case 'idle':
      return;
    case 'draining':
      throw ApplicationFailure.create({
        message: end.reason,
        type: 'HOST_LOST',
        nextRetryDelay: '1 ms',
      });
    case 'unfit':
      throw ApplicationFailure.create({
        message: end.reason,
        type: 'HOST_LOST',
        nextRetryDelay: UNFIT_PAUSE,
      });
    case 'fenced':
      throw ApplicationFailure.retryable(`host ${owner.host} lost it: ${end.reason}`, 'HOST_LOST');
    case 'failed': {
      const { kind, error } = end.failure;
      throw ApplicationFailure.create({
        message: error.message,
        type: error.code,
        nonRetryable: true,
        details: [kind, error.fix],
      });
    }
  }
}
