import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { READ_ANSWER } from '../domain/messages';
import { readUpdate } from '../../workflows/messages';

/**
 * Reads the current answer of a running workflow (workflows/answer-reads.ts).
 *
 * @param isAnswer - whether the answer is of the kind that this workflow gives
 * @throws WorkflowNotFoundError when it is over
 */
export async function readWorkflow<Answer>(
  workflow: Pick<WorkflowHandle, 'executeUpdate'>,
  isAnswer: (value: unknown) => value is Answer,
): Promise<Answer> {
  try {
    return await workflow.executeUpdate(readUpdate);
  } catch (error) {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    const [answer] =
      cause instanceof ApplicationFailure && cause.type === READ_ANSWER
        ? (cause.details ?? [])
        : [];
    if (isAnswer(answer)) return answer;
    throw error;
  }
}
