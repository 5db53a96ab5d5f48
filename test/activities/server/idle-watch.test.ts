import { watchIdle } from '../../../activities/server/idle-watch';
import { InFlight } from '../../../activities/server/in-flight';
import { type Serving } from '../../../activities/server/supervised-server';
import { type ServerSpec } from '../../../src/domain/spec';
import { stdioSpec } from '../../domain/samples';
import { FakeConnection } from '../fake-connection';

const IDLE_TIMEOUT_MS = 5_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const always = (): ServerSpec => ({ ...stdioSpec(), idleTimeoutMs: IDLE_TIMEOUT_MS });
const onDemand = (): ServerSpec => ({ ...always(), activation: 'on-demand' });

function watched(spec: ServerSpec) {
  const serving: Serving = {
    ...new FakeConnection(process.pid).launched(),
    ...{ spec, calls: new InFlight(), sinceMs: Date.now() },
  };
  const now = { spec, told: 0 };
  const watch = watchIdle(
    () => now.spec,
    { serving },
    () => (now.told += 1),
  );
  return { now, watch };
}

it('tells once that an on-demand server is idle', () => {
  const { now, watch } = watched(onDemand());
  jest.advanceTimersByTime(IDLE_TIMEOUT_MS - 1);
  expect([now.told, watch.wasTold()]).toEqual([0, false]);
  jest.advanceTimersByTime(IDLE_TIMEOUT_MS * 3);
  expect([now.told, watch.wasTold()]).toEqual([1, true]);
  watch.close();
});

it('goes by the spec of a reload: on-demand now, or not any more', () => {
  const became = watched(always());
  const ceased = watched(onDemand());
  became.now.spec = onDemand();
  ceased.now.spec = always();
  jest.advanceTimersByTime(IDLE_TIMEOUT_MS * 3);
  expect([became.now.told, ceased.now.told]).toEqual([1, 0]);
  became.watch.close();
  ceased.watch.close();
});
