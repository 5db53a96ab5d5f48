import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type VersionReport } from '../../src/client/installs';
import { type InstallReport } from '../../src/domain/programs/installs';
import { type Registry, startRegistry } from '../programs/registry';
import { fixture, startInstance, type TestInstance } from './instance';
import { until } from './until';

const files = {
  'server.js': `#!/usr/bin/env node\n${readFileSync(fixture('validated-server.js'), 'utf8')}`,
};
const EXITS = 'console.error("this version is broken"); process.exit(7);';
/** What an install script leaves in the folder of its package. */
const PROOF = 'ran.txt';
const SCRIPT = `node -e "require('fs').writeFileSync('${PROOF}', 'x')"`;

let registry: Registry;
let instance: TestInstance;

beforeAll(async () => {
  registry = await startRegistry();
  const tiny = { name: 'tiny-mcp', bin: 'server.js' };
  await registry.publish({ ...tiny, version: '1.0.0' }, files);
  instance = await startInstance({ config: {}, env: { ...strings(registry.env) } });
  await instance.client.servers.add('tiny', { command: 'npx', args: ['tiny-mcp'] });
  await registry.publish({ ...tiny, version: '2.0.0' }, files);
  await registry.publish({ ...tiny, version: '3.0.0' }, { 'server.js': EXITS });
});
afterAll(() => registry.close());

function strings(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([key, text]) => (text ? [[key, text]] : [])),
  );
}

function proofs(): string[] {
  const builds = path.join(instance.home, 'programs', 'builds');
  const all = readdirSync(builds).map((build) =>
    path.join(builds, build, 'files', 'node_modules', 'with-script', PROOF),
  );
  return all.filter((file) => existsSync(file));
}

const tiny = () => instance.client.servers.get('tiny');

it('stays at its version while there are newer ones', async () => {
  await instance.client.servers.restart('tiny');
  expect(await tiny()).toMatchObject({ state: 'RUNNING', program: { version: '1.0.0' } });
  const { json } = await instance.cli<VersionReport[]>('outdated', '--json');
  expect(json).toMatchObject([
    { server: 'tiny', installed: '1.0.0', latest: '3.0.0', outdated: true },
  ]);
});

it('is upgraded to a version that works, without a restart of anything else', async () => {
  const { code, json } = await instance.cli<InstallReport>(
    'upgrade',
    'tiny',
    '--to',
    '2.0.0',
    '--json',
  );
  expect(json).toMatchObject({ status: 'installed', version: '2.0.0', oldVersion: '1.0.0' });
  expect(code).toBe(0);
  expect(await tiny()).toMatchObject({ state: 'RUNNING', program: { version: '2.0.0' } });
});

it('keeps its version when a newer one does not pass validation', async () => {
  const { pid } = await tiny();
  const { code, json } = await instance.cli<InstallReport>('upgrade', 'tiny', '--json');
  expect(json).toMatchObject({
    ...{ status: 'failed', version: '3.0.0', error: { code: 'VALIDATION_FAILED' } },
    validation: { passed: false },
  });
  expect(code).toBe(1);
  expect(await tiny()).toMatchObject({ state: 'RUNNING', pid, program: { version: '2.0.0' } });
});

it('goes back to its version when a newer one that was not validated does not come up', async () => {
  const { code, json } = await instance.cli<InstallReport>(
    'upgrade',
    'tiny',
    '--no-validate',
    '--json',
  );
  expect(json).toMatchObject({ status: 'failed', oldVersion: '2.0.0' });
  expect(json.detail).toContain('rolled back to 2.0.0');
  expect(code).toBe(1);
  const back = await until('it runs again', async () => {
    const status = await tiny();
    return status.state === 'RUNNING' && status;
  });
  expect(back.program).toMatchObject({ version: '2.0.0' });
  expect(await instance.client.callTool('tiny', 'echo', { text: 'x' })).toMatchObject({
    outcome: 'ok',
  });
});

it('runs the code of a package while it is installed only with consent', async () => {
  const scripted = { name: 'with-script', version: '1.0.0', bin: 'server.js' };
  await registry.publish({ ...scripted, scripts: { install: SCRIPT } }, files);
  await instance.client.servers.add('scripted', {
    command: 'npx',
    args: ['with-script'],
    autostart: false,
  });
  const blocked = await instance.cli<{ servers: InstallReport[] }>('install', 'scripted', '--json');
  expect(blocked.json.servers).toMatchObject([
    { status: 'installed', blockedScripts: ['with-script'] },
  ]);
  expect(proofs()).toEqual([]);
  const args = ['install', 'scripted', '--allow-scripts', 'with-script', '--json'];
  const allowed = await instance.cli<{ servers: InstallReport[] }>(...args);
  expect(allowed.json.servers).toMatchObject([{ status: 'installed', blockedScripts: [] }]);
  expect(proofs()).toHaveLength(1);
  await instance.client.servers.start('scripted');
});
