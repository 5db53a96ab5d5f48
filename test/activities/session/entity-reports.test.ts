import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { EntityReports } from '../../../activities/session/entity-reports';
import { ownerOf } from '../../domain/samples';

const moved = (reason: string) => ({ ...ownerOf(1), phase: 'taken' as const, reason });

/** A client whose signals go to `deliver`. */
function clientTo(deliver: (name: string, reason: string) => Promise<void>): Client {
  const client = new Client();
  const handle = client.workflow.getHandle('mcp-server/files');
  const signal = (name: string, report: { reason: string }) => deliver(name, report.reason);
  jest.spyOn(client.workflow, 'getHandle').mockReturnValue(Object.assign(handle, { signal }));
  return client;
}

test('arrive in the order in which they were sent, also when the first is slow', async () => {
  const arrived: string[] = [];
  let release: () => void = () => undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const client = clientTo(async (name, reason) => {
    if (reason === 'first') await slow;
    arrived.push(`${name} ${reason}`);
  });
  const reports = new EntityReports(client, 'mcp-server/files');
  for (const reason of ['first', 'second', 'third']) reports.send('sessionMoved', moved(reason));
  release();
  await reports.close(60_000);
  expect(arrived).toEqual(['sessionMoved first', 'sessionMoved second', 'sessionMoved third']);
});

test('are tried again while Temporal is away', async () => {
  const arrived: string[] = [];
  let failures = 1;
  const client = clientTo(async (_name, reason) => {
    if (failures-- > 0) throw new Error('unavailable');
    arrived.push(reason);
  });
  const reports = new EntityReports(client, 'mcp-server/files');
  reports.send('sessionMoved', moved('first'));
  reports.send('sessionMoved', moved('second'));
  await reports.close(60_000);
  expect(arrived).toEqual(['first', 'second']);
});

test('are dropped when the entity is gone', async () => {
  let tries = 0;
  const client = clientTo(async () => {
    tries++;
    throw new WorkflowNotFoundError('gone', 'mcp-server/files', undefined);
  });
  const reports = new EntityReports(client, 'mcp-server/files');
  reports.send('sessionMoved', moved('first'));
  await reports.close(60_000);
  expect(tries).toBe(1);
});

test('are given up after the grace', async () => {
  const client = clientTo(async () => {
    throw new Error('unavailable');
  });
  const reports = new EntityReports(client, 'mcp-server/files');
  reports.send('sessionMoved', moved('first'));
  await reports.close(1);
});
