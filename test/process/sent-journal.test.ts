import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { identityOf } from '../../src/process/process-identity';
import { openSentJournal, sentBy } from '../../src/process/sent-journal';
import { useTemporaryFolder } from '../temporary-folder';
import { compileSource, NODE_PATH } from './compiled';

const folder = useTemporaryFolder();
const own = identityOf(process.pid);
const file = () => path.join(folder(), 'hosts', 'one.sent');

beforeEach(() => mkdirSync(path.join(folder(), 'hosts')));

test('reports which attempts were sent', () => {
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

test('keeps attempts that are under way, and does not grow', () => {
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

test('keeps ended attempts until their end has certainly been reported', () => {
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

test('counts how often this process has sent a call, unless it was withdrawn', () => {
  const journal = openSentJournal(folder(), 'one');
  journal.add('call/a', 1);
  journal.remove('call/a', 1);
  journal.add('call/a', 2);
  journal.add('call/b', 1);
  journal.remove('call/b', 1);
  journal.withdraw('call/b', 1);
  expect(['call/a', 'call/b', 'call/c'].map((id) => journal.attempts(id))).toEqual([2, 0, 0]);
  journal.close();
});

test('refuses an attempt that it cannot record, and can read later ones', () => {
  compileSource(['base', 'process'], folder());
  // No file of this process may be larger: a write at the end is cut off, as on a full disk.
  const program = `
    const { openSentJournal } = require('${folder()}/process/sent-journal');
    const journal = openSentJournal('${folder()}', 'one');
    const tried = Array.from({ length: 100 }, (_, n) => 'call/' + 'x'.repeat(40) + n);
    const sent = tried.filter((id) => { try { journal.add(id, 1); return true; } catch { return false; } });
    console.log(JSON.stringify({ sent, counted: tried.filter((id) => journal.attempts(id) > 0) }));`;
  const limited = `ulimit -f 1; exec ${process.execPath} -e "$PROGRAM"`;
  const text = execFileSync('bash', ['-c', limited], {
    env: { ...process.env, PROGRAM: program, NODE_PATH },
    encoding: 'utf8',
  });
  const { sent, counted } = JSON.parse(text) as { sent: string[]; counted: string[] };
  expect(sent.length).toBeGreaterThan(5);
  expect(sent.length).toBeLessThan(100);
  expect(counted).toEqual(sent);
  const whole = readFileSync(file(), 'utf8').split('\n');
  for (const id of sent) expect(whole).toContain(`${id} 1`);
});
