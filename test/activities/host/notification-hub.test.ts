import { createNotificationHub } from '../../../activities/host/notification-hub';
import { type HostNotification } from '../../../activities/host/server-notifications';
import { type ServerInterest } from '../../../src/domain/hosts/socket-frames';

const NOTICE: HostNotification = { type: 'listed', server: 'a', kind: 'tools' };

test('everybody who listens hears every notice, until he closes', () => {
  const board = createNotificationHub();
  const heard: string[] = [];
  const first = board.subscribe(() => heard.push('first'));
  board.subscribe(() => heard.push('second'));
  board.publish(NOTICE);
  first.close();
  board.publish(NOTICE);
  expect(heard).toEqual(['first', 'second', 'second']);
});

test('a server is told what all want together, the most talkative level first, and only when that changes', () => {
  const board = createNotificationHub();
  const told: ServerInterest[] = [];
  const [one, two] = [board.subscribe(() => undefined), board.subscribe(() => undefined)];
  one.setInterests({ a: { resources: ['y', 'x'], logLevel: 'warning' } });
  const unfollow = board.followInterest('a', (interest) => told.push(interest));
  two.setInterests({ a: { resources: ['x'], logLevel: 'debug' }, b: { resources: ['z'] } });
  two.setInterests({ a: { resources: ['x', 'y'], logLevel: 'debug' } });
  two.close();
  one.setInterests({});
  expect(told).toEqual([
    { resources: ['x', 'y'], logLevel: 'warning' },
    { resources: ['x', 'y'], logLevel: 'debug' },
    { resources: ['x', 'y'], logLevel: 'warning' },
    { resources: [] },
  ]);
  unfollow();
  one.setInterests({ a: { resources: ['x'] } });
  expect(told).toHaveLength(4);
});

test('the next child of a server is told what is wanted, and nothing when that is nothing', () => {
  const board = createNotificationHub();
  const listener = board.subscribe(() => undefined);
  const told: ServerInterest[] = [];
  board.followInterest('a', (interest) => told.push(interest))();
  expect(told).toEqual([]);
  listener.setInterests({ a: { resources: ['x'] } });
  board.followInterest('a', (interest) => told.push(interest));
  expect(told).toEqual([{ resources: ['x'] }]);
});
