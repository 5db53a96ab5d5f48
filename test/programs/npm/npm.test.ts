import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type NpmSource, type RunCommand } from '../../../src/domain/programs/programs';
import { closeHarness, type Harness, openHarness } from '../harness';
import { type Registry, startRegistry } from '../registry';

const run = promisify(execFile);

const MEMORY: NpmSource = {
  method: 'npm',
  package: '@modelcontextprotocol/server-memory',
  wanted: '2026.8.31',
};

const INITIALIZE = JSON.stringify({
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-06-18',
    capabilities: {},
    clientInfo: { name: 'test', version: '1' },
  },
});

let harness: Harness;
afterEach(() => closeHarness(harness));

describe('the public registry', () => {
  beforeEach(async () => {
    harness = await openHarness();
  });

  it('installs a program that starts, and the same one from its lock on another host', async () => {
    const first = await harness.install(MEMORY);
    expect(first).toMatchObject({ reused: false, blockedScripts: [] });
    expect(first.pin).toMatchObject({ name: MEMORY.package, version: '2026.8.31' });
    expect(first.pin.integrity).toMatch(/^sha512-/);
    expect(first.run.command).toBe(process.execPath);
    expect(await answerTo(first.run)).toContain('"serverInfo"');
    expect(await harness.install(MEMORY, { pin: first.pin })).toEqual({ ...first, reused: true });

    const other = await openHarness();
    const lock = first.pin.lock ?? '';
    await other.store.locks.put(lock, (await harness.store.locks.get(lock)) ?? '');
    expect((await other.install(MEMORY, { pin: first.pin })).pin).toEqual(first.pin);
    expect(other.log.join('\n')).toContain('$ npm ci');
    await closeHarness(other);
  }, 120_000);

  it('runs the install scripts of a real package only with consent', async () => {
    const source: NpmSource = {
      ...{ method: 'npm', package: 'semver', wanted: '7.7.2' },
      with: ['core-js@3.30.0'],
    };
    const blocked = await harness.install(source);
    expect(blocked.blockedScripts).toEqual(['core-js']);
    expect(harness.log.join('\n')).not.toContain('Thank you for using core-js');
    const allowed = await harness.install(source, { allowScripts: ['core-js'], pin: blocked.pin });
    expect(allowed.blockedScripts).toEqual([]);
    expect(allowed.pin.allowScripts).toEqual(['core-js']);
    expect(harness.log.join('\n')).toContain('Thank you for using core-js');
  }, 120_000);

  it.each([
    ['no such package', 'mainspring-test-no-such-package', 'latest', 'PACKAGE_NOT_FOUND'],
    ['no such version', MEMORY.package, '0.0.1', 'VERSION_NOT_FOUND'],
    ['no such tag', MEMORY.package, 'no-such-tag', 'VERSION_NOT_FOUND'],
  ])('names %s', async (_, name, wanted, code) => {
    const source: NpmSource = { method: 'npm', package: name, wanted };
    await expect(harness.install(source)).rejects.toMatchObject({ code });
    expect(await readdir(path.join(harness.home, 'programs', 'builds'))).toEqual([]);
  });

  it('returns the newest version', async () => {
    const io = {
      signal: new AbortController().signal,
      onStep: () => undefined,
      log: () => undefined,
    };
    expect(await harness.programs.latest(MEMORY, io)).toMatch(/^\d+\.\d+\.\d+$/);
    const unknown = { ...MEMORY, package: 'mainspring-test-no-such-package' };
    await expect(harness.programs.latest(unknown, io)).rejects.toMatchObject({
      code: 'PACKAGE_NOT_FOUND',
    });
  });
});

it('reports an unreachable registry', async () => {
  harness = await openHarness({ npm_config_registry: 'http://127.0.0.1:1' });
  await expect(harness.install(MEMORY)).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
});

describe('a local registry', () => {
  let registry: Registry;
  beforeEach(async () => {
    registry = await startRegistry();
    harness = await openHarness(registry.env);
  });
  afterEach(() => registry.close());

  const TINY: NpmSource = { method: 'npm', package: 'tiny-program', wanted: '^1' };
  const SAYS_HELLO = { 'cli.js': '#!/usr/bin/env node\nconsole.log("hello");\n' };
  const publishTiny = (more: Record<string, unknown> = {}) =>
    registry.publish(
      { name: 'tiny-program', version: '1.2.3', bin: 'cli.js', ...more },
      SAYS_HELLO,
    );

  it('resolves a range, and shares the program between servers with the same range', async () => {
    const { integrity } = await publishTiny();
    await registry.publish({ name: 'tiny-program', version: '2.0.0', bin: 'cli.js' }, SAYS_HELLO);
    const first = await harness.install(TINY);
    expect(first.pin).toMatchObject({ version: '1.2.3', integrity });
    expect((await run(first.run.command, first.run.args)).stdout).toBe('hello\n');
    const second = await harness.install({ ...TINY, wanted: '1.2.3' });
    expect(second).toEqual({ ...first, reused: true });
    expect(await readdir(path.join(harness.home, 'programs', 'builds'))).toHaveLength(1);
  });

  it("refuses a package whose contents differ from the registry's hash", async () => {
    const wrong = `sha512-${Buffer.alloc(64).toString('base64')}`;
    await registry.publish({ name: 'tiny-program', version: '1.0.0' }, SAYS_HELLO, wrong);
    await expect(harness.install(TINY)).rejects.toMatchObject({ code: 'INTEGRITY_MISMATCH' });
  });

  it('refuses a package that differs from the config, before anything is published', async () => {
    await publishTiny();
    const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
    const install = harness.install({ ...TINY, integrity });
    await expect(install).rejects.toMatchObject({ code: 'INTEGRITY_MISMATCH' });
    expect(await readdir(path.join(harness.home, 'programs', 'builds'))).toEqual([]);
  });

  it('refuses a changed package with an already installed version', async () => {
    await publishTiny();
    const { pin } = await harness.install(TINY);
    await publishTiny({ description: 'not the same any more' });
    const other = await openHarness({ ...registry.env, npm_config_cache: harness.home });
    await other.store.locks.put(
      pin.lock ?? '',
      (await harness.store.locks.get(pin.lock ?? '')) ?? '',
    );
    await expect(other.install(TINY, { pin })).rejects.toMatchObject({
      code: 'INTEGRITY_MISMATCH',
    });
    await closeHarness(other);
  });

  it('refuses a lock that differs from the pin', async () => {
    await publishTiny();
    const { pin } = await harness.install(TINY);
    await harness.store.locks.put('0'.repeat(64), '{}');
    const changed = { ...pin, lock: '0'.repeat(64) };
    await expect(harness.install(TINY, { pin: changed })).rejects.toMatchObject({
      code: 'INTEGRITY_MISMATCH',
    });
    const missing = { ...pin, lock: '1'.repeat(64) };
    await expect(harness.install(TINY, { pin: missing })).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
    });
  });

  it('runs only scripts with consent, including those of dependencies', async () => {
    const writes = { scripts: { postinstall: 'echo ran > ran.txt' } };
    await registry.publish({ name: 'asks-a', version: '1.0.0', ...writes });
    await registry.publish({ name: 'asks-b', version: '1.0.0', ...writes });
    await registry.publish({ name: 'native', version: '1.0.0' }, { 'binding.gyp': '{}' });
    await publishTiny({ dependencies: { 'asks-a': '1', 'asks-b': '1', native: '1' } });
    const ran = ({ run: { args } }: { run: RunCommand }, name: string) =>
      existsSync(path.join(path.dirname(args.at(-1) ?? ''), '..', name, 'ran.txt'));

    const blocked = await harness.install(TINY);
    expect(blocked.blockedScripts).toEqual(['asks-a', 'asks-b', 'native']);
    expect([ran(blocked, 'asks-a'), ran(blocked, 'asks-b')]).toEqual([false, false]);
    const allowed = await harness.install(TINY, { allowScripts: ['asks-a'] });
    expect(allowed.blockedScripts).toEqual(['asks-b', 'native']);
    expect([ran(allowed, 'asks-a'), ran(allowed, 'asks-b')]).toEqual([true, false]);
  });

  it('replaces a program only on request', async () => {
    await publishTiny();
    const first = await harness.install(TINY);
    const again = await harness.install(TINY, { pin: first.pin, force: true });
    expect(again.reused).toBe(false);
    expect(again.run.args).not.toEqual(first.run.args);
    expect((await harness.install(TINY, { pin: first.pin })).run).toEqual(again.run);
    expect(existsSync(first.run.args[0] ?? '')).toBe(true); // a server may run from there
  });

  it('reports a command that the package does not have', async () => {
    await publishTiny({ bin: { one: 'cli.js', two: 'other.js' } });
    await expect(harness.install(TINY)).rejects.toThrow('one, two');
    await expect(harness.install({ ...TINY, bin: 'tow' })).rejects.toThrow('did you mean "two"');
    expect((await harness.install({ ...TINY, bin: 'one' })).run.args[0]).toMatch(/cli\.js$/);
  });

  it('reports a command without a file, which a script without consent may create', async () => {
    await publishTiny({ bin: 'dist/made.js' });
    await expect(harness.install(TINY)).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      fix: expect.stringContaining('--allow-scripts tiny-program') as string,
    });
  });

  it('downloads a package once for two simultaneous requests', async () => {
    await publishTiny();
    const both = await Promise.all([harness.install(TINY), harness.install(TINY)]);
    expect(both.map(({ reused }) => reused).sort()).toEqual([false, true]);
    expect(both[0].run).toEqual(both[1].run);
    expect(registry.requests.filter((url) => url.endsWith('.tgz'))).toHaveLength(1);
  });

  it('installs the requested version for each, even at the same time', async () => {
    const any = { ...TINY, wanted: '*' };
    await publishTiny();
    const { pin } = await harness.install(any);
    await publishTiny({ version: '2.0.0' });
    const both = await Promise.all([
      harness.install(any),
      harness.install(any, { pin, force: true }),
      harness.install(any, { force: true }),
    ]);
    expect(both.map((one) => one.pin.version)).toEqual(['2.0.0', '1.2.3', '2.0.0']);
  });

  it('installs files that only their owner can access', async () => {
    await publishTiny();
    await harness.install(TINY);
    const { mode } = await stat(path.join(harness.home, 'programs'));
    expect(mode & 0o777).toBe(0o700);
  });
});

/** Returns the response of a server to initialize; it exits with its stdin. */
async function answerTo({ command, args }: RunCommand): Promise<string> {
  const running = run(command, args);
  running.child.stdin?.end(`${INITIALIZE}\n`);
  return (await running).stdout;
}
