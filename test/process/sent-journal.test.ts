import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf } from '../../src/process/process-identity';
import { openSentJournal, sentBy } from '../../src/process/sent-journal';
import { useTemporaryFolder } from '../temporary-folder';

const folder = useTemporaryFolder();
const own = identityOf(process.pid);
const file = () => path.join(folder(), 'hosts', 'one.sent');

beforeEach(() => mkdirSync(path.join(folder(), 'hosts')));

test('tells which attempts were sent', () => {
  const journal = openSentJournal(folder(), 'one');
  journal.add('call/a', 1);
  journal.add('call/b', 2);
  const wasSent = sentBy(folder(), 'one', own);
  expect(wasSent('call/a', 1)).toBe(true);
  expect(wasSent('call/a', 2)).toBe(false);
  expect(wasSent('call/b', 2)).toBe(true);
  expect(wasSent('call/c', 1)).toBe(false);
  journal.close();
});

test('keeps what is under way, and does not grow', () => {
  const journal = openSentJournal(folder(), 'one', { maxBytes: 2_000, reportedAfterMs: 0 });
  journal.add('call/long', 1);
  for (let n = 0; n < 500; n++) {
    journal.add(`call/${n}`, 1);
    if (n < 499) journal.remove(`call/${n}`, 1);
  }
  const wasSent = sentBy(folder(), 'one', own);
  expect(wasSent('call/long', 1)).toBe(true);
  expect(wasSent('call/499', 1)).toBe(true);
  expect(statSync(file()).size).toBeLessThan(2_100);
  journal.close();
});

test('keeps what is over until that has certainly been reported', () => {
  const journal = openSentJournal(folder(), 'one', { maxBytes: 100 });
  for (let n = 0; n < 50; n++) {
    journal.add(`call/${n}`, 1);
    journal.remove(`call/${n}`, 1);
  }
  expect(sentBy(folder(), 'one', own)('call/0', 1)).toBe(true);
  journal.close();
});

test('may have sent everything when its journal is of another process, or is not there', () => {
  expect(sentBy(folder(), 'one', own)('call/a', 1)).toBe(true);
  const journal = openSentJournal(folder(), 'one');
  const other = { ...own, pid: own.pid + 1 };
  expect(sentBy(folder(), 'one', other)('call/a', 1)).toBe(true);
  expect(sentBy(folder(), 'one', own)('call/a', 1)).toBe(false);
  journal.close();
  expect(sentBy(folder(), 'one', own)('call/a', 1)).toBe(true);
});

test('may have sent everything when the machine went down since', () => {
  writeFileSync(file(), `another-boot ${own.pid}.${own.startTime}\n`);
  expect(sentBy(folder(), 'one', own)('call/a', 1)).toBe(true);
});
