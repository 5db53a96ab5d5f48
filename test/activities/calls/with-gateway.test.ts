import { type Client } from '@temporalio/client';
import { withGateway } from '../../../activities/calls/with-gateway';
import { createNotificationHub } from '../../../activities/host/notification-hub';
import { type HostNotification } from '../../../activities/host/server-notifications';

const ORIGIN = { gateway: 'g1', capabilities: {} };
const call = {
  ...{ server: 'files', callId: 'call/files/1', principal: 'p', attempt: 1, origin: ORIGIN },
};

/** What the gateway of a call gets while its server sends this progress. */
async function noticesOf(steps: number[]): Promise<string[]> {
  const notices = createNotificationHub();
  const got: HostNotification[] = [];
  notices.subscribe((notice) => got.push(notice));
  const client = {} as Client; // no input request comes
  await withGateway({ client, notices }, call, jest.fn(), async ({ onProgress }) => {
    for (const progress of steps) onProgress?.({ progress });
    return {};
  });
  return got.map(({ type }) => type);
}

it('tells when the last notification of a call was sent', async () => {
  expect(await noticesOf([1, 2])).toEqual(['notification', 'notification', 'ended']);
});

it('says nothing about a call whose server sent only its answer', async () => {
  expect(await noticesOf([])).toEqual([]);
});
