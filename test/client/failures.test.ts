import { ServiceError } from '@temporalio/client';
import { translated } from '../../src/client/failures';

const refused = (code: number, details: string) => {
  const cause = Object.assign(new Error(details), { code, details, metadata: {} });
  return new ServiceError('Workflow Update failed', { cause });
};

it.each([
  [4, 'deadline exceeded', 'WORKER_UNAVAILABLE'],
  [9, 'Workflow Task in failed state', 'WORKER_UNAVAILABLE'],
  [14, 'connection refused', 'TEMPORAL_UNREACHABLE'],
])('status %i, %s, is %s', (status, details, code) => {
  expect(translated(refused(status, details), 'files')).toMatchObject({ code });
});
