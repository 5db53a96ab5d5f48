import { ApplicationFailure, setHandler } from '@temporalio/workflow';
import { READ_ANSWER } from '../src/domain/messages';
import { described } from './described';
import { readUpdate } from './messages';

/** Lets clients read what the workflow knows now; see `readUpdate`. */
export function answerReads(answer: () => unknown): void {
  setHandler(readUpdate, neverAccepted, {
    ...described(readUpdate),
    validator: () => {
      throw ApplicationFailure.create({ type: READ_ANSWER, details: [answer()] });
    },
  });
}

async function neverAccepted(): Promise<never> {
  throw ApplicationFailure.nonRetryable('a read is answered by its validator');
}
