import { ActivityNotFoundError } from '@temporalio/client';
import { type InputRequest } from '../../domain/calls/input-requests';
import { type ClientContext } from '../context';

/** Returns the input requests without an answer: the host may not have heard of an answer when it last reported them. */
export async function openInputRequests(
  { client }: ClientContext,
  asks: readonly InputRequest[],
): Promise<InputRequest[]> {
  const isOpen = async ({ askId }: InputRequest) => {
    try {
      return (await client.activity.getHandle(askId).describe()).status === 'RUNNING';
    } catch (error) {
      if (error instanceof ActivityNotFoundError) return false;
      throw error;
    }
  };
  const open = await Promise.all(asks.map(isOpen));
  return asks.filter((_ask, index) => open[index]);
}
