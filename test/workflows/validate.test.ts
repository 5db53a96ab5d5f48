import { ApplicationFailure, Context } from '@temporalio/activity';
import { CancelledFailure, type WorkflowFailedError } from '@temporalio/client';
import { CONTROL_QUEUE, validationWorkflowId } from '../../src/domain/names';
import { type ValidationReport } from '../../src/domain/servers/validation';
import { mcpValidate } from '../../workflows';
import { signedSpec } from '../domain/samples';
import { TestInstance } from './instance';
import { recordHistories } from './recording';

let instance: TestInstance;

beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterAll(() => instance.close());

const reportOf = (server: string): ValidationReport => ({
  ...{ server, passed: false, startedAtMs: 1, durationMs: 2 },
  checks: [
    { name: 'start', status: 'passed', detail: 'fine', ms: 1 },
    { name: 'junk', status: 'failed', detail: 'it died\nof a | bar', ms: 1 },
  ],
});

/** Starts it as a client does. */
async function validate(name: string) {
  const handle = await instance.client.workflow.start(mcpValidate, {
    workflowId: validationWorkflowId(name, '1'),
    taskQueue: CONTROL_QUEUE,
    args: [{ signed: signedSpec({ name }) }],
  });
  const ended = handle.result().catch((error: WorkflowFailedError) => error.cause?.cause ?? error);
  const record = () =>
    recordHistories(instance.client, {
      workflowId: handle.workflowId,
      runId: handle.firstExecutionRunId,
    });
  return { handle, ended, record };
}

test('its result is the report, which the Temporal UI shows', async () => {
  instance.host.validate('told', async () => reportOf('told'));
  const { handle, ended, record } = await validate('told');
  expect(await ended).toEqual(reportOf('told'));
  const shown = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(shown.currentDetails).toContain('**told** **failed**: 1 failed, 1 passed');
  expect(shown.currentDetails).toContain('| junk | failed | it died of a \\| bar |');
  await record();
});

test('when a host is lost over it, another one begins anew', async () => {
  let attempts = 0;
  instance.host.validate('moved', async () => {
    if (++attempts === 1) throw ApplicationFailure.retryable('host is draining', 'HOST_LOST');
    return reportOf('moved');
  });
  const { ended, record } = await validate('moved');
  expect(await ended).toEqual(reportOf('moved'));
  expect(attempts).toBe(2);
  await record();
});

test('a spec that cannot be trusted is not tried again', async () => {
  let attempts = 0;
  instance.host.validate('untrusted', async () => {
    attempts++;
    throw ApplicationFailure.nonRetryable('its signature is wrong', 'SPEC_UNTRUSTED');
  });
  const { ended, record } = await validate('untrusted');
  expect(await ended).toMatchObject({ type: 'SPEC_UNTRUSTED' });
  expect(attempts).toBe(1);
  await record();
});

test('a cancel ends what the host does', async () => {
  let isEnded = false;
  const begun = new Promise<void>((resolve) => {
    instance.host.validate('cancelled-validation', async () => {
      const context = Context.current();
      const timer = setInterval(() => context.heartbeat({ check: 'load', host: 'host-1' }), 50);
      resolve();
      return context.cancelled.finally(() => {
        clearInterval(timer);
        isEnded = true;
      });
    });
  });
  const { handle, record } = await validate('cancelled-validation');
  await begun;
  await handle.cancel();
  const error: unknown = await handle.result().catch((reason: unknown) => reason);
  expect(error instanceof Error && error.cause).toBeInstanceOf(CancelledFailure);
  expect(isEnded).toBe(true);
  await record();
});
