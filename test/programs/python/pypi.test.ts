import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type PypiSource } from '../../../src/domain/programs/programs';
import { parseConsoleScripts, pypiInstaller, soleScript } from '../../../src/programs/python/pypi';
import { needsBuild } from '../../../src/programs/python/python-pip';
import { findPython } from '../../../src/programs/python/python-tools';
import { installUv } from '../../../src/programs/python/python-uv-install';
import { tagsOf } from '../../../src/programs/python/python-uv';
import { useTemporaryFolder } from '../../temporary-folder';
import {
  closePythonHarness,
  openPythonHarness,
  type PythonHarness,
  serverName,
} from './python-harness';

const INSTALL_TIMEOUT_MS = 120_000;
jest.setTimeout(INSTALL_TIMEOUT_MS);

const folder = useTemporaryFolder();
const source = (name: string, wanted = '', script = name): PypiSource => ({
  ...{ method: 'pypi', package: name, extras: [], wanted, run: { script } },
});
const TIME = source('mcp-server-time');
const SERVERS: [string, string, string[]][] = [
  ['mcp-server-time', 'mcp-time', []],
  ['mcp-server-fetch', 'mcp-fetch', []],
  ['mcp-server-git', 'mcp-git', []],
];
const SMALL: PypiSource = { ...source('docopt-ng', '==0.9.0'), run: { module: 'docopt' } };
const SMALL_WHEEL = 'sha256:bfe4c8b03f9fca424c24ee0b4ffa84bf7391cb18c29ce0f6a8227a3b01b81ff9';
const DOCOPT: PypiSource = { ...source('docopt', '==0.6.2'), run: { module: 'docopt' } };

let tools: PythonHarness;
let uv: string;

beforeAll(async () => {
  tools = await openPythonHarness();
  uv = await installUv(tools.home, tools.io);
});

afterAll(() => closePythonHarness(tools));

it('installs uv once', async () => {
  const { io, home, log } = tools;
  const before = log.length;
  expect(await installUv(home, io)).toBe(uv);
  expect(log).toHaveLength(before);
  expect(await readdir(path.join(home, 'tools'))).toEqual(['uv']);
});

/** Returns a PATH with only the tool under test. */
const withTool = (tool: string) =>
  tool === 'uv' ? { PATH: `${path.dirname(uv)}:${process.env.PATH}` } : {};

describe.each(['uv', 'pip'])('with %s', (tool) => {
  let harness: PythonHarness;

  beforeAll(async () => {
    harness = await openPythonHarness(withTool(tool));
  });

  afterAll(() => closePythonHarness(harness));

  it.each(tool === 'uv' ? SERVERS : SERVERS.slice(0, 1))(
    'installs %s from wheels',
    async (...server) => {
      const [name, serverSays, args] = server;
      const installed = await harness.install(pypiInstaller, source(name));
      expect(installed.pin.name).toBe(name);
      expect(installed.run.command).toBe(path.join(installed.folder, 'venv/bin', name));
      expect(await serverName(installed.run, args)).toBe(serverSays);
      const ran = tool === 'uv' ? '/uv pip install' : '-m pip --python';
      expect(harness.log.join('\n')).toContain(ran);
    },
  );

  it('installs the same from a lock with hashes', async () => {
    const first = await harness.install(pypiInstaller, SMALL);
    expect(first.pin).toEqual({ name: 'docopt-ng', version: '0.9.0', integrity: SMALL_WHEEL });
    expect(first.lockText).toContain(`--hash=${SMALL_WHEEL}`);
    const lockText = first.lockText ?? '';
    const pin = { ...first.pin, allowScripts: [] };
    const again = await harness.install(pypiInstaller, { ...SMALL, wanted: '' }, { pin, lockText });
    expect(again.pin).toEqual(first.pin);
    expect(again.lockText).toBe(lockText);
    expect(await readFile(path.join(again.folder, 'requirements.txt'), 'utf8')).toBe(lockText);
  });

  it('accepts only the declared wheel', async () => {
    const declared = { ...SMALL, integrity: SMALL_WHEEL };
    expect((await harness.install(pypiInstaller, declared)).pin.integrity).toBe(SMALL_WHEEL);
    const wrong = { ...SMALL, integrity: `sha256:${'0'.repeat(64)}` };
    await expect(harness.install(pypiInstaller, wrong)).rejects.toMatchObject({
      code: 'INTEGRITY_MISMATCH',
    });
  });

  it('refuses files that differ from the lock', async () => {
    const lockText = `docopt-ng==0.9.0 --hash=sha256:${'0'.repeat(64)}\n`;
    const wish = harness.install(pypiInstaller, SMALL, { lockText });
    await expect(wish).rejects.toMatchObject({ code: 'INTEGRITY_MISMATCH' });
  });

  it.each([
    ['mainspring-no-such-package', '', 'PACKAGE_NOT_FOUND'],
    ['mcp-server-time', '==0.0.99', 'VERSION_NOT_FOUND'],
  ])('reports that %s%s does not exist', async (name, wanted, code) => {
    const wish = harness.install(pypiInstaller, source(name, wanted));
    await expect(wish).rejects.toMatchObject({ code });
  });

  it('builds only explicitly allowed packages from source', async () => {
    await expect(harness.install(pypiInstaller, DOCOPT)).rejects.toMatchObject({
      code: 'SOURCE_BUILD_REFUSED',
      message: expect.stringContaining('"docopt"') as unknown,
      fix: expect.stringContaining('--allow-scripts docopt') as unknown,
    });
    const built = await harness.install(pypiInstaller, DOCOPT, { allowScripts: ['docopt'] });
    expect(built.pin.integrity).toBe(
      'sha256:49b3a825280bd66b3aa83585ef59c4a8c82f2c8a522dbe754a8bc8d08c85c491',
    );
    expect(built.run.args).toEqual(['-m', 'docopt']);
  });

  it('lists the existing commands when the wanted one does not exist', async () => {
    const wish = harness.install(pypiInstaller, source('docutils', '', 'rst2htm'));
    await expect(wish).rejects.toMatchObject({
      code: 'INSTALL_FAILED',
      message: expect.stringContaining('rst2html') as unknown,
    });
  });

  it('finds the newest version', async () => {
    expect(await pypiInstaller.latest(TIME, harness.io)).toMatch(/^20\d\d\.\d+\.\d+$/);
  });
});

it('installs a newer pip into the environment when that of Python is too old', async () => {
  const harness = await openPythonHarness({ PATH: `${folder()}:${process.env.PATH}` });
  const real = (await findPython(process.env))?.executable;
  const file = path.join(folder(), 'python3');
  const told = { version: [3, 12, 0], executable: file, hasVenv: true, bundledPip: '20.0' };
  const script = `#!/bin/sh
[ "$1" = -I ] && echo '${JSON.stringify(told)}' && exit
exec ${real} "$@"
`;
  await writeFile(file, script, { mode: 0o755 });
  const installed = await harness.install(pypiInstaller, SMALL);
  expect(installed.pin.integrity).toBe(SMALL_WHEEL);
  expect(harness.log.join('\n')).toContain('venv/bin/python -m pip install --quiet --upgrade');
  await closePythonHarness(harness);
});

describe('an unreachable index', () => {
  it.each(['uv', 'pip'])('is reported by %s', async (tool) => {
    const harness = await openPythonHarness({
      PIP_INDEX_URL: 'http://127.0.0.1:1/simple',
      PIP_FIND_LINKS: undefined,
      UV_HTTP_RETRIES: '0',
      ...withTool(tool),
    });
    await expect(harness.install(pypiInstaller, TIME)).rejects.toMatchObject({
      code: 'REGISTRY_UNREACHABLE',
    });
    await closePythonHarness(harness);
  });
});

it.each([
  ['', ['1'], ['1', '2'], false],
  ['', ['none'], ['1', '2'], true],
  ['==2', ['1'], ['1', '2'], true],
  ['==3', ['1'], ['1', '2'], false],
  ['>=2', ['none'], ['1', '2'], true],
  ['>=2', ['none'], [], false],
])('decides whether a version for %s only needs to be built', (specifier, wheels, all, needed) => {
  expect(needsBuild(specifier, wheels, all)).toBe(needed);
});

it('reads the tags of a wheel', () => {
  expect(tagsOf('https://h/x-1.0-py2.py3-none-any.whl')).toEqual(['py2-none-any', 'py3-none-any']);
  expect(tagsOf('x-1-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl')).toEqual([
    'cp311-cp311-manylinux_2_17_x86_64',
    'cp311-cp311-manylinux2014_x86_64',
  ]);
});

it('reads the commands of a package', () => {
  const text =
    '[gui_scripts]\nno = x:y\n[console_scripts]\n# not\na = x:y\nb-c=x.y:z [extra]\n\n[z]\nd=e:f';
  expect(parseConsoleScripts(text)).toEqual(['a', 'b-c']);
  expect(parseConsoleScripts('[other]\na=b:c')).toEqual([]);
});

it('uses the only command, or suggests similar ones', () => {
  expect(soleScript('x', 'x', ['y'])).toBe('y');
  expect(() => soleScript('x', 'serve', ['server', 'other'])).toThrow(/it has server\./);
  expect(() => soleScript('x', 'x', [])).toThrow(/it has none/);
});
