import { setTimeout as sleep } from 'node:timers/promises';
import { ActivityNotFoundError } from '@temporalio/client';
import { type InputRequest, type InputResponse } from '../../domain/calls/input-requests';
import { type CallHeartbeat } from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { type ClientContext } from '../context';
import { openInputRequests } from './open-input-requests';

/** Pause between attempts to answer, in ms: an input request whose gateway is restarting cannot be answered for a moment. */
const ANSWER_RETRY_MS = 100;
const ANSWER_WITHIN_MS = 15_000;

/** Input requests of servers to the clients of calls that are under way. */
export class InputRequests {
  constructor(private readonly context: ClientContext) {}

  /** Returns the input requests that the server of a call, or of another request, is waiting for now. */
  async pending(callId: string): Promise<InputRequest[]> {
    const call = this.context.client.activity.getHandle(callId);
    const description = await call.describe({ includeHeartbeatDetails: true });
    if (description.status !== 'RUNNING') return [];
    const heartbeat = await description.getHeartbeatDetails<CallHeartbeat | null>();
    return openInputRequests(this.context, heartbeat?.asks ?? []);
  }

  /**
   * Answers an input request for the client, whichever process has it. The first answer counts: a later one changes
   * nothing.
   *
   * @throws MainspringError UNKNOWN_CALL when there is no such input request
   */
  async answer(askId: string, answer: InputResponse): Promise<void> {
    const { activity } = this.context.client;
    for (const until = Date.now() + ANSWER_WITHIN_MS; ;) {
      try {
        return await activity.complete({ activityId: askId }, answer);
      } catch (error) {
        // A request that already has its answer is refused in several ways.
        if (!(await this.#isOpen(askId)) || Date.now() > until) return;
        if (!(error instanceof ActivityNotFoundError)) throw error;
      }
      await sleep(ANSWER_RETRY_MS);
    }
  }

  async #isOpen(askId: string): Promise<boolean> {
    try {
      const { status } = await this.context.client.activity.getHandle(askId).describe();
      return status === 'RUNNING';
    } catch (error) {
      if (!(error instanceof ActivityNotFoundError)) throw error;
      throw new MainspringError('UNKNOWN_CALL', `There is no open request ${askId}.`);
    }
  }
}
