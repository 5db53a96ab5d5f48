import { ActivityNotFoundError } from '@temporalio/client';
import { type Ask } from '../../domain/calls/input-requests';
import { type ClientContext } from '../context';

/** Those that have no answer yet: the host may not have heard of one when it last said what is asked. */
export async function openAsks({ client }: ClientContext, asks: readonly Ask[]): Promise<Ask[]> {
  const isOpen = async ({ askId }: Ask) => {
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
