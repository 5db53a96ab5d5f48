import { ActivityNotFoundError } from '@temporalio/client';
import { type InputRequest } from '../../domain/calls/input-requests';
import { type ClientContext } from '../context';

/** Those that have no answer yet: the host may not have heard of one when it last said what is asked. */
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
