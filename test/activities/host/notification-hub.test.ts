import { createNoticeBoard } from '../../../activities/host/notification-hub';
import { type HostNotice } from '../../../activities/host/server-notifications';
import { type ServerInterest } from '../../../src/domain/hosts/socket-frames';

const NOTICE: HostNotice = { type: 'listed', server: 'a', kind: 'tools' };

test('everybody who listens hears every notice, until he closes', () => {
  const board = createNoticeBoard();
  const heard: string[] = [];
  const first = board.listen(() => heard.push('first'));
  board.listen(() => heard.push('second'));
  board.tell(NOTICE);
  first.close();
  board.tell(NOTICE);
  expect(heard).toEqual(['first', 'second', 'second']);
});

test('a server is told what all want together, the most talkative level first, and only when that changes', () => {
  const board = createNoticeBoard();
  const told: ServerInterest[] = [];
  const [one, two] = [board.listen(() => undefined), board.listen(() => undefined)];
  one.want({ a: { resources: ['y', 'x'], logLevel: 'warning' } });
  const unfollow = board.follow('a', (interest) => told.push(interest));
  two.want({ a: { resources: ['x'], logLevel: 'debug' }, b: { resources: ['z'] } });
  two.want({ a: { resources: ['x', 'y'], logLevel: 'debug' } });
  two.close();
  one.want({});
  expect(told).toEqual([
    { resources: ['x', 'y'], logLevel: 'warning' },
    { resources: ['x', 'y'], logLevel: 'debug' },
    { resources: ['x', 'y'], logLevel: 'warning' },
    { resources: [] },
  ]);
  unfollow();
  one.want({ a: { resources: ['x'] } });
  expect(told).toHaveLength(4);
});

test('the next child of a server is told what is wanted, and nothing when that is nothing', () => {
  const board = createNoticeBoard();
  const listener = board.listen(() => undefined);
  const told: ServerInterest[] = [];
  board.follow('a', (interest) => told.push(interest))();
  expect(told).toEqual([]);
  listener.want({ a: { resources: ['x'] } });
  board.follow('a', (interest) => told.push(interest));
  expect(told).toEqual([{ resources: ['x'] }]);
});
