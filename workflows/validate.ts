import { ActivityCancellationType, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import { type HostActivities } from '../src/domain/activity-types';
import { errandQueue } from '../src/domain/names';
import {
  type ValidateInput,
  type ValidationReport,
  VALIDATION_TIMEOUT_MS,
} from '../src/domain/servers/validation';
import { validationDetailsOf } from './validation-details';

/** Longest wait for a host that has room for it. */
const HOST_WAIT = '2 minutes';
/** A host that is silent for this long is lost, and another one starts over. */
const HEARTBEAT_TIMEOUT = '10 s';
/** Hosts that may be lost over it before it fails: the server may be the cause. */
const MAX_ATTEMPTS = 3;

/** Validates a server once, on whichever host is free. The result is the report. */
export async function mcpValidate(input: ValidateInput): Promise<ValidationReport> {
  const { name, requires } = input.signed.spec;
  setCurrentDetails(`**${name}**: validation in progress`);
  const { validateServer } = proxyActivities<HostActivities>({
    taskQueue: errandQueue(requires),
    scheduleToStartTimeout: HOST_WAIT,
    startToCloseTimeout: VALIDATION_TIMEOUT_MS,
    heartbeatTimeout: HEARTBEAT_TIMEOUT,
    retry: { initialInterval: '100 ms', maximumAttempts: MAX_ATTEMPTS },
    cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
    summary: `validate ${name}`,
  });
  const report = await validateServer(input);
  setCurrentDetails(validationDetailsOf(report));
  return report;
}
