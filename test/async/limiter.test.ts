import { createLimiter } from '../../src/async/limiter';

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('runs as many actions at once as allowed, the others in order of arrival', async () => {
  const turns = createLimiter(2);
  const acting: number[] = [];
  const gates = [0, 1, 2, 3].map(gate);
  const all = gates.map(({ opened }, index) =>
    turns(async () => {
      acting.push(index);
      await opened;
      return index;
    }, never),
  );
  await settle();
  expect(acting).toEqual([0, 1]);
  gates[1]?.open();
  await settle();
  expect(acting).toEqual([0, 1, 2]);
  for (const { open } of gates) open();
  expect(await Promise.all(all)).toEqual([0, 1, 2, 3]);
});

test('a failure gives its turn on', async () => {
  const turns = createLimiter(1);
  await expect(turns(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
  expect(await turns(async () => 'yes', never)).toBe('yes');
});

test('never runs an action that is aborted while it waits', async () => {
  const turns = createLimiter(1);
  const { open, opened } = gate();
  const first = turns(() => opened, never);
  const abort = new AbortController();
  const act = jest.fn(async () => undefined);
  const second = turns(act, abort.signal);
  abort.abort(new Error('enough'));
  await expect(second).rejects.toThrow('enough');
  open();
  await first;
  expect(act).not.toHaveBeenCalled();
  expect(await turns(async () => 'next', never)).toBe('next');
});

test('runs urgent actions before all others that wait', async () => {
  const turns = createLimiter(1);
  const { open, opened } = gate();
  const acting: string[] = [];
  const act = (name: string, isUrgent: boolean) =>
    turns(async () => void acting.push(name), never, { isUrgent });
  const first = turns(() => opened, never);
  const all = [act('cold', false), act('colder', false), act('restart', true)];
  open();
  await Promise.all([first, ...all]);
  expect(acting).toEqual(['restart', 'cold', 'colder']);
});

test('lets the next action begin when one takes too long, once', async () => {
  const turns = createLimiter(1, 1);
  const { open, opened } = gate();
  const long = turns(() => opened, never);
  let acting = 0;
  const gates = [gate(), gate()];
  const next = gates.map((each) =>
    turns(async () => {
      acting++;
      await each.opened;
    }, never),
  );
  while (acting === 0) await settle();
  open();
  await long;
  for (const each of gates) each.open();
  await Promise.all(next);
  expect(acting).toBe(2);
});
