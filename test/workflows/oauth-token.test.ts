import { ApplicationFailure } from '@temporalio/activity';
import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { CONTROL_QUEUE, tokenWorkflowId } from '../../src/domain/names';
import { READ_ANSWER } from '../../src/domain/messages';
import { type GrantView, loginRequired, type RenewGrantInput } from '../../src/domain/oauth/oauth';
import { mcpToken } from '../../workflows';
import { grantedSignal, renewUpdate } from '../../workflows/oauth-token';
import { eventually, TestInstance } from './instance';
import { recordHistories } from './recording';

const PRINCIPAL = 'instance';
const HOUR_MS = 3_600_000;

let instance: TestInstance;
const started = new Set<string>();

beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterEach(async () => {
  for (const workflowId of started) {
    const { runId } = await instance.client.workflow.getHandle(workflowId).describe();
    await recordHistories(instance.client, { workflowId, runId });
    await instance.client.workflow
      .getHandle(workflowId)
      .terminate()
      .catch(() => undefined); // most have ended
  }
  started.clear();
});
afterAll(() => instance.close());

function idOf(server: string): string {
  const workflowId = tokenWorkflowId(server, 'digest');
  started.add(workflowId);
  return workflowId;
}

const startOf = (server: string) => ({
  workflowId: idOf(server),
  taskQueue: CONTROL_QUEUE,
  args: [{ server, principal: PRINCIPAL }] as [{ server: string; principal: string }],
});

/** As hosts ask. */
function ask(server: string, staleVersion: number): Promise<GrantView | null> {
  return instance.client.workflow.executeUpdateWithStart(renewUpdate, {
    args: [{ staleVersion }],
    startWorkflowOperation: new WithStartWorkflowOperation(mcpToken, {
      ...startOf(server),
      workflowIdConflictPolicy: 'USE_EXISTING',
    }),
  });
}

/** Who asks after the renewal is told what is known already, as a failure that leaves nothing in the history. */
async function versionTold(asking: Promise<GrantView | null>): Promise<number | undefined> {
  const view = await asking.catch((error: unknown) => {
    const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
    if (!(cause instanceof ApplicationFailure) || cause.type !== READ_ANSWER) throw error;
    return cause.details?.[0] as GrantView;
  });
  return view?.version;
}

/** As a login tells. */
async function grant(server: string, view: GrantView): Promise<void> {
  const signal = { signal: grantedSignal, signalArgs: [view] as [GrantView] };
  await instance.client.workflow.signalWithStart(mcpToken, { ...startOf(server), ...signal });
}

const viewOf = (version: number, over: Partial<GrantView> = {}): GrantView => ({
  version,
  isRenewable: true,
  expiresAtMs: Date.now() + HOUR_MS,
  ...over,
});

/** What the renewals of a server do, and what they were asked for. */
function renewals(server: string, renew: (input: RenewGrantInput) => Promise<GrantView | null>) {
  const asked: number[] = [];
  instance.control.onRenew(server, async (input) => {
    asked.push(input.staleVersion);
    return renew(input);
  });
  return asked;
}

test('twenty who ask at once get one renewal', async () => {
  let finish: (view: GrantView) => void = () => undefined;
  const asked = renewals('crowded', () => new Promise((resolve) => (finish = resolve)));
  const asking = Array.from({ length: 20 }, () => ask('crowded', 1));
  await eventually(
    () => asked.length,
    (begun) => begun === 1,
  );
  const late = ask('crowded', 1);
  finish(viewOf(2));
  const versions = await Promise.all([...asking, late].map(versionTold));
  expect(versions).toEqual(versions.map(() => 2));
  expect(asked).toEqual([1]);
  // What is known is answered without an event.
  const refused: unknown = await ask('crowded', 1).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
  expect(refused).toMatchObject({ cause: { type: READ_ANSWER, details: [{ version: 2 }] } });
  expect(asked).toEqual([1]);
});

test('a grant is renewed by itself before it expires, and what comes of it shows', async () => {
  const asked = renewals('early', async () => viewOf(Date.now()));
  const now = Date.now();
  await grant('early', viewOf(now, { expiresAtMs: now + 1_000 }));
  await eventually(
    () => asked.length,
    (times) => times === 1,
  );
  expect(asked).toEqual([now]);
  const handle = instance.client.workflow.getHandle(idOf('early'));
  const shown = await eventually(
    () => handle.query<{ currentDetails: string }>('__temporal_workflow_metadata'),
    ({ currentDetails }) => currentDetails.includes('renewal '),
  );
  expect(shown.currentDetails).toContain('OAuth login of this instance to **early**: granted');
});

test('a login that has ended is told, and the workflow has nothing left to do', async () => {
  const ended = loginRequired('over', 'the last one has ended');
  renewals('over', async () => viewOf(2, { ended }));
  expect(await ask('over', 1)).toMatchObject({ version: 2, ended: { code: 'LOGIN_REQUIRED' } });
  await instance.client.workflow.getHandle(idOf('over')).result();
});

test('when there is no grant it says so; a grant without an expiry waits for nobody', async () => {
  renewals('nobody', async () => null);
  expect(await ask('nobody', 1)).toBeNull();
  await instance.client.workflow.getHandle(idOf('nobody')).result();
  await grant('for-ever', { version: 1, isRenewable: false });
  await instance.client.workflow.getHandle(idOf('for-ever')).result();
});

test('an authorization server that is away: those who ask are told, and it is tried again', async () => {
  let isAway = true;
  const asked = renewals('away', async () => {
    if (isAway) throw ApplicationFailure.create({ message: 'is away', type: 'CONNECTION_FAILED' });
    return viewOf(Date.now());
  });
  await grant('away', viewOf(1));
  const refused: unknown = await ask('away', 1).catch((error: unknown) => error);
  expect(refused).toMatchObject({ cause: { type: 'CONNECTION_FAILED', message: 'is away' } });
  expect(asked).toEqual([1, 1, 1]);
  isAway = false;
  expect((await ask('away', 1))?.version).toBeGreaterThan(1);
});

test('a login meanwhile is what counts, and a logout ends it', async () => {
  let finish: (view: GrantView) => void = () => undefined;
  const asked = renewals('again', () => new Promise((resolve) => (finish = resolve)));
  await grant('again', viewOf(1));
  const asking = ask('again', 1);
  await eventually(
    () => asked.length,
    (begun) => begun === 1,
  );
  await grant('again', viewOf(3));
  expect((await asking)?.version).toBe(3);
  finish(viewOf(2));
  const handle = instance.client.workflow.getHandle(idOf('again'));
  await handle.signal(grantedSignal, null);
  await handle.result();
  expect(asked).toEqual([1]);
});
