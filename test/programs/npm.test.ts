import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type NpmSource } from '../../src/domain/programs';
import { closeHarness, type Harness, openHarness } from './harness';

const MEMORY: NpmSource = {
  method: 'npm',
  package: '@modelcontextprotocol/server-memory',
  wanted: '2026.8.31',
};

let harness: Harness;

beforeEach(async () => {
  harness = await openHarness();
});

afterEach(() => closeHarness(harness));

it('installs a package of the registry once, and the same from its lock elsewhere', async () => {
  const first = await harness.install(MEMORY);
  expect(first).toMatchObject({ reused: false, blockedScripts: [] });
  expect(first.pin.version).toBe('2026.8.31');
  expect(first.pin.integrity).toMatch(/^sha512-/);
  expect(first.run.command).toBe(process.execPath);
  const again = await harness.install(MEMORY, { pin: first.pin });
  expect(again).toEqual({ ...first, reused: true });

  const other = await openHarness();
  const lock = first.pin.lock ?? '';
  await other.store.locks.put(lock, (await harness.store.locks.get(lock)) ?? '');
  const there = await other.install(MEMORY, { pin: first.pin });
  expect(there.pin).toEqual(first.pin);
  expect(other.log.join('\n')).toContain('$ npm ci');
  await closeHarness(other);
});
