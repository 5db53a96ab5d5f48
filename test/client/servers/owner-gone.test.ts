import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isOwnerGone } from '../../../src/client/servers/owner-gone';
import { hostsFolder } from '../../../src/process/group-records';
import { identityOf } from '../../../src/process/process-identity';

describe('whether the owner of a server is gone', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'mainspring-owner-'));
  const record = (host: string, process: object) =>
    writeFileSync(
      path.join(hostsFolder(home), `${host}.json`),
      JSON.stringify({ host: process, groups: [] }),
    );
  beforeAll(() => mkdirSync(hostsFolder(home), { recursive: true }));
  afterAll(() => rmSync(home, { recursive: true }));

  it('finds that it has died, also after it was seen alive', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const { pid = 0 } = child;
    record('dying', identityOf(pid));
    const owner = { host: 'dying', hostPid: pid };
    expect([isOwnerGone(home, owner), isOwnerGone(home, owner)]).toEqual([false, false]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isOwnerGone(home, owner)).toBe(true);
  });

  it('finds that another process has taken its place', () => {
    record('replaced', identityOf(process.pid));
    expect(isOwnerGone(home, { host: 'replaced', hostPid: process.pid })).toBe(false);
    expect(isOwnerGone(home, { host: 'replaced', hostPid: process.ppid })).toBe(true);
  });

  it('leaves a host of another machine alone, which has no record here', () => {
    expect(isOwnerGone(home, { host: 'elsewhere', hostPid: 1 })).toBe(false);
  });
});
