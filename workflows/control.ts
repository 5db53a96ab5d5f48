import { proxyActivities } from '@temporalio/workflow';
import { type ControlActivities } from '../src/domain/activity-types';
import { CONTROL_QUEUE } from '../src/domain/names';

/** Short activities on the control worker. */
export const control = proxyActivities<ControlActivities>({
  taskQueue: CONTROL_QUEUE,
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '100 ms', maximumInterval: '5 s' },
});
