import { FairShare, pauseFor } from '../../../src/mcp/wire/fair-share';

function pausesAfter(work: number[], betweenMs: number): number[] {
  let nowMs = 1_000;
  const share = new FairShare(() => nowMs);
  return work.map((ms) => {
    nowMs += betweenMs;
    return share.take(() => (nowMs += ms));
  });
}

test.each([
  ['little, again and again', [10, 10, 10, 10, 10], 200, [0, 0, 0, 0, 0]],
  ['a turn by and by', [20, 20, 20, 0], 0, [0, 0, 180, 0]],
  ['a turn at once', [50, 0], 0, [150, 0]],
  ['much more than a turn', [600, 0], 0, [200, 0]],
])('who takes %s is paused as long as others need', (_, work, betweenMs, pauses) => {
  expect(pausesAfter(work, betweenMs)).toEqual(pauses);
});

test('what is paused goes on by itself', async () => {
  const said: string[] = [];
  await new Promise<void>((resolve) => {
    const source = {
      pause: () => said.push('pause'),
      resume: () => {
        said.push('resume');
        resolve();
      },
    };
    pauseFor(source, 0);
    pauseFor(source, 5);
  });
  expect(said).toEqual(['pause', 'resume']);
});
