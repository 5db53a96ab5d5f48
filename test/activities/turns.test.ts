import { createTurns } from '../../activities/turns';

function gate() {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open: () => open(), opened };
}

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setImmediate(resolve));

test('as many act at once as may, the others in the order in which they came', async () => {
  const turns = createTurns(2);
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
  const turns = createTurns(1);
  await expect(turns(() => Promise.reject(new Error('no')), never)).rejects.toThrow('no');
  expect(await turns(async () => 'yes', never)).toBe('yes');
});

test('who gives up while waiting never acts', async () => {
  const turns = createTurns(1);
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
