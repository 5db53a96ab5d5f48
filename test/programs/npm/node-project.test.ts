import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type NodeProjectSource } from '../../../src/domain/programs/programs';
import { closeHarness, type Harness, openHarness } from '../harness';
import { type Registry, startRegistry } from '../registry';

const run = promisify(execFile);

let registry: Registry;
let harness: Harness;
let source: NodeProjectSource;

beforeEach(async () => {
  registry = await startRegistry();
  harness = await openHarness(registry.env);
  await registry.publish({ name: 'dep', version: '1.0.0' }, { 'index.js': 'module.exports = 1;' });
  source = { method: 'node-project', dir: path.join(harness.home, 'project'), command: 'node' };
  await mkdir(source.dir);
  await writeProject();
});

afterEach(async () => {
  await registry.close();
  await closeHarness(harness);
});

const file = (name: string) => path.join(source.dir, name);

async function writeProject(more: object = {}): Promise<void> {
  const manifest = { name: 'my-server', version: '3.2.1', dependencies: { dep: '^1.0.0' } };
  await writeFile(file('package.json'), JSON.stringify({ ...manifest, ...more }));
}

const npmRuns = () => harness.log.filter((line) => line.startsWith('$ npm'));

it('gets its dependencies once, and no new lock', async () => {
  const first = await harness.install(source);
  expect(first).toMatchObject({
    pin: { name: source.dir, version: '3.2.1' },
    run: { command: 'node', args: [], env: {} },
    reused: false,
  });
  expect(existsSync(file('node_modules/dep/index.js'))).toBe(true);
  expect((await readdir(source.dir)).sort()).toEqual(['node_modules', 'package.json']);
  const runs = npmRuns().length;
  expect(await harness.install(source, { pin: first.pin })).toEqual({ ...first, reused: true });
  expect(npmRuns()).toHaveLength(runs);
});

it('keeps dependencies that the user has installed', async () => {
  await run('npm', ['install'], { cwd: source.dir, env: { ...process.env, ...registry.env } });
  const requests = registry.requests.length;
  const installed = await harness.install(source);
  expect(installed.blockedScripts).toEqual([]);
  expect(registry.requests).toHaveLength(requests);
});

it('gets the versions of its lock, again when they are removed or the lock has changed', async () => {
  await run('npm', ['install', '--package-lock-only'], {
    cwd: source.dir,
    env: { ...process.env, ...registry.env },
  });
  await registry.publish({ name: 'dep', version: '1.1.0' });
  const first = await harness.install(source);
  expect(npmRuns()[0]).toContain('npm ci');
  expect(await readFile(file('node_modules/dep/package.json'), 'utf8')).toContain('"1.0.0"');

  await rm(file('node_modules'), { recursive: true });
  const second = await harness.install(source, { pin: first.pin });
  expect(second).toMatchObject({ pin: first.pin });
  expect(existsSync(file('node_modules/dep/index.js'))).toBe(true);

  await writeProject({ version: '4.0.0' });
  const third = await harness.install(source, { pin: second.pin });
  expect(third.pin.version).toBe('4.0.0');
  expect(third.pin.integrity).not.toBe(second.pin.integrity);

  const runs = npmRuns().length;
  const again = await harness.install(source, { pin: second.pin }); // with the recorded pin, as at a restart
  expect(again).toMatchObject({ pin: third.pin, reused: true });
  expect(npmRuns()).toHaveLength(runs);
});

it('is built only with consent', async () => {
  const build = "node -e \"fs.mkdirSync('dist'); fs.writeFileSync('dist/index.js', '')\"";
  await writeProject({ main: 'dist/index.js', scripts: { build } });
  const refused = harness.install(source);
  await expect(refused).rejects.toThrow('"my-server" is not built: dist/index.js is missing');
  await expect(refused).rejects.toMatchObject({
    fix: expect.stringContaining('--allow-scripts my-server') as string,
  });
  await harness.install(source, { allowScripts: ['my-server'] });
  expect(existsSync(file('dist/index.js'))).toBe(true);
  await harness.install(source); // it is built now
});

it('runs its own scripts and those of its dependencies only with consent', async () => {
  const scripts = { postinstall: 'echo ran > ran.txt' };
  await registry.publish({ name: 'asks', version: '1.0.0', scripts });
  await writeProject({ dependencies: { dep: '1', asks: '1' }, scripts });
  const ran = () => [existsSync(file('ran.txt')), existsSync(file('node_modules/asks/ran.txt'))];
  const blocked = await harness.install(source);
  expect(blocked.blockedScripts).toEqual(['asks', 'my-server']);
  expect(ran()).toEqual([false, false]);
  await harness.install(source, { allowScripts: ['asks'] });
  expect(ran()).toEqual([false, true]);
  await harness.install(source, { allowScripts: ['my-server'] });
  expect(ran()).toEqual([true, true]);
});

it('of another package manager is not installed', async () => {
  await writeFile(file('pnpm-lock.yaml'), '');
  await expect(harness.install(source)).rejects.toMatchObject({
    fix: expect.stringContaining('pnpm install') as string,
  });
  await mkdir(file('node_modules'));
  expect((await harness.install(source)).reused).toBe(false);
  expect(npmRuns()).toEqual([]);
});

it('must exist', async () => {
  const missing = { ...source, dir: path.join(harness.home, 'nowhere') };
  await expect(harness.install(missing)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
  await writeFile(file('package.json'), '{');
  await expect(harness.install(source)).rejects.toMatchObject({ code: 'INVALID_CONFIG' });
});
