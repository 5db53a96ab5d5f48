import { eventually, TestInstance, type TestServer } from './instance';
import { ENTITY_HISTORY_LIMIT } from '../../workflows/history-limit';

/** Temporal allows ten updates of a workflow in flight. */
const AT_ONCE = 8;
const TIMEOUT_MS = 300_000;

let instance: TestInstance;

jest.setTimeout(TIMEOUT_MS);
beforeAll(async () => {
  instance = await TestInstance.start();
}, 20 * 60_000);
afterEach(() => instance.clear());
afterAll(() => instance.close());

async function currentRun(server: TestServer) {
  const { runId, historyLength } = await server.current().describe();
  return { runId, historyLength };
}

/** Updates and signals that change nothing, until `isEnough`; each update has to be answered. */
async function load(server: TestServer, isEnough: () => Promise<boolean>): Promise<void> {
  while (!(await isEnough())) {
    const reloads = Array.from({ length: AT_ONCE }, () =>
      server.command('reload', { wait: false }),
    );
    const signals = Array.from({ length: AT_ONCE }, () => server.signal('start'));
    await Promise.all([...reloads, ...signals]);
  }
}

test('under load keeps the state, answers every update, and leaves the session alone', async () => {
  const server = await instance.add('load');
  await server.command('start');
  const before = await server.snapshot();
  const { runId } = await currentRun(server);
  await load(server, async () => (await currentRun(server)).runId !== runId);

  const after = await server.snapshot();
  const { transitions: _old, ...kept } = before;
  const { transitions, ...found } = after;
  expect(found).toEqual(kept);
  expect(transitions.at(-1)?.reason).toContain('start was ignored');
  expect(instance.host.of(server.name)).toHaveLength(1);
  expect((await server.session(1).describe()).status.name).toBe('RUNNING');

  const events = await eventually(
    () => instance.control.eventsOf(server.name),
    (seen) => seen.at(-1)?.id === after.transitions.at(-1)?.id,
  );
  const run = server.entity.firstExecutionRunId;
  expect(events.map(({ id }) => id)).toEqual(events.map((_event, index) => `${run}/${index}`));

  // The session is found by its name, not by the handle of the run that started it.
  expect(await server.command('stop')).toMatchObject({ state: 'STOPPED', generation: 1 });
  expect(await server.session(1).result()).toBe('stopped');
});

test('does not keep a command waiting that needs the next session', async () => {
  const server = await instance.add('load-then-start');
  await server.command('start');
  let end: () => void = () => undefined;
  const [session] = instance.host.of(server.name);
  if (session) session.ending = new Promise((resolve) => (end = resolve));
  await server.command('stop', { wait: false });
  const started = server.command('start');
  await server.until(({ desired }) => desired === 'running');
  const { runId } = await currentRun(server);
  await load(server, async () => {
    const { historyLength } = await currentRun(server);
    return historyLength > ENTITY_HISTORY_LIMIT;
  });
  end();
  expect(await started).toMatchObject({ state: 'RUNNING', generation: 2 });
  await eventually(
    async () => (await currentRun(server)).runId,
    (current) => current !== runId,
  );
  expect(await server.snapshot()).toMatchObject({ state: 'RUNNING', generation: 2 });
});
