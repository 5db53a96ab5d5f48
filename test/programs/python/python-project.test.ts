import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type PythonProjectSource } from '../../../src/domain/programs/programs';
import { launcherText, pythonProjectInstaller } from '../../../src/programs/python/python-project';
import { readPythonProject } from '../../../src/programs/python/python-project-files';
import { installUv } from '../../../src/programs/python/python-uv-install';
import { useTemporaryFolder } from '../../temporary-folder';
import {
  closePythonHarness,
  openPythonHarness,
  type PythonHarness,
  serverName,
} from './python-harness';

jest.setTimeout(120_000);

const folder = useTemporaryFolder();
const write = (file: string, content: string) => {
  const target = path.join(folder(), file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, content);
};

/** Responds to initialize, with a name from its dependency and its own module. */
const SERVER = `
import json, sys
import docopt
from own_module import NAME
def main():
    request = json.loads(sys.stdin.readline())
    info = {"name": NAME + " " + docopt.__name__ + " " + " ".join(sys.argv[1:]), "version": "1"}
    print(json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": {"serverInfo": info}}))
if __name__ == "__main__":
    main()
`;
const PYPROJECT = `
[project]
name = "example"
version = "1.2.3"
requires-python = ">=3.8"
dependencies = ["docopt-ng>=0.8"]
[project.scripts]
serve = "example.server:main"
`;

describe.each(['uv', 'pip'])('with %s', (tool) => {
  let harness: PythonHarness;

  beforeAll(async () => {
    harness = await openPythonHarness();
    if (tool === 'uv') await installUv(harness.home, harness.io);
  });

  afterAll(() => closePythonHarness(harness));

  it('runs a script with the packages of its requirements.txt', async () => {
    write('requirements.txt', '# what it needs\n-r more/base.txt\n');
    write('more/base.txt', 'docopt-ng \\\n  >=0.8\n-c pinned.txt\n');
    write('more/pinned.txt', 'docopt-ng==0.8.1\n');
    write('own_module.py', 'NAME = "own"\n');
    write('server.py', SERVER);
    const source: PythonProjectSource = { method: 'python-project', dir: folder() };
    const installed = await harness.install(pythonProjectInstaller, source);
    expect(installed.lockText).toMatch(/^docopt-ng==0\.8\.1 \\\n {4}--hash=sha256:/);
    expect(await serverName(installed.run, ['server.py', '-x'], folder())).toBe('own docopt -x');

    const pin = { ...installed.pin, allowScripts: [] };
    expect(await pythonProjectInstaller.isCurrent?.(source, pin)).toBe(true);
    write('more/pinned.txt', 'docopt-ng==0.9.0\n');
    expect(await pythonProjectInstaller.isCurrent?.(source, pin)).toBe(false);
  });

  it('runs a command of a pyproject.toml, without running its build', async () => {
    write('pyproject.toml', `${PYPROJECT}[build-system]\nrequires = ["no-such-backend"]\n`);
    write('uv.lock', LOCK);
    write('src/own_module.py', 'NAME = "project"\n');
    write('src/example/server.py', SERVER);
    write('setup.py', 'raise SystemExit("ran")\n');
    const source = { method: 'python-project', dir: folder(), script: 'serve' } as const;
    const installed = await harness.install(pythonProjectInstaller, source);
    expect(installed.pin).toMatchObject({ name: folder(), version: '1.2.3' });
    expect(installed.lockText).toContain('docopt-ng==0.8.1');
    expect(await serverName(installed.run, ['a'])).toBe('project docopt a');
  });

  it('installs nothing for a project without dependencies', async () => {
    write('pyproject.toml', '[project]\nname = "x"\n');
    const source = { method: 'python-project', dir: folder(), script: 'serve' } as const;
    await expect(harness.install(pythonProjectInstaller, source)).rejects.toMatchObject({
      message: '"x" has no command "serve"; it has none.',
    });
  });
});

const LOCK = `
version = 1
[[package]]
name = "docopt-ng"
version = "0.8.1"
source = { registry = "https://pypi.org/simple" }
[[package]]
name = "example"
version = "1.2.3"
source = { editable = "." }
`;

it.each([
  [{ 'requirements.txt': '-e .' }, 'NOT_INSTALLABLE', /requires "-e \."/],
  [{ 'requirements.txt': './local' }, 'NOT_INSTALLABLE', /"\.\/local"/],
  [{ 'requirements.txt': 'x @ git+https://h/x' }, 'NOT_INSTALLABLE', /git\+https/],
  [{ 'requirements.txt': 'https://h/x.whl' }, 'NOT_INSTALLABLE', /x\.whl/],
  [{ 'requirements.txt': '--no-binary x' }, 'NOT_INSTALLABLE', /--no-binary/],
  [{ 'requirements.txt': '-r none.txt' }, 'FILE_NOT_FOUND', /none\.txt/],
  [{ 'pyproject.toml': '[project' }, 'INVALID_CONFIG', /pyproject\.toml/],
  [{ 'pyproject.toml': '[project]\ndependencies = 1' }, 'INVALID_CONFIG', /dependencies/],
  [{ 'pyproject.toml': '[project]\ndynamic = ["dependencies"]' }, 'NOT_INSTALLABLE', /list its/],
  [{ 'pyproject.toml': '[tool.poetry.dependencies]\nx = "*"' }, 'NOT_INSTALLABLE', /list its/],
  [
    {
      'pyproject.toml':
        '[project]\ndependencies = ["My_Lib>1"]\n[tool.uv.sources]\nmy-lib = { path = "../lib" }',
    },
    'NOT_INSTALLABLE',
    /"my-lib" from a custom source/,
  ],
  [
    { 'pyproject.toml': '[project]\ndependencies = ["x"]\n[[tool.uv.index]]\nurl = "http://h"' },
    'NOT_INSTALLABLE',
    /"x" from a custom source/,
  ],
  [{}, 'NOT_INSTALLABLE', /has no pyproject\.toml/],
])('refuses a project with %j', async (files, code, message) => {
  for (const [file, text] of Object.entries(files)) write(file, text);
  await expect(readPythonProject(folder())).rejects.toMatchObject({
    code,
    message: expect.stringMatching(message) as unknown,
  });
});

it('accepts requirements with extras, markers and index options', async () => {
  const lines = ['a[b,c]>=1,<2 ; python_version > "3"', 'd', 'e~=1.0  # why', '--pre', '-f wheels'];
  write('requirements.txt', `${lines.join('\n')}\n`);
  expect(await readPythonProject(folder())).toMatchObject({
    version: '0.0.0',
    requirements: [...lines.slice(0, 2), 'e~=1.0', '--pre', `-f ${path.join(folder(), 'wheels')}`],
  });
});

it('starts an entry point as pip would', () => {
  expect(launcherText('x', 'a.b:C.run [extra]')).toBe(
    'import sys\nfrom a.b import C\nsys.argv[0] = "x"\nsys.exit(C.run())\n',
  );
  expect(() => launcherText('x', 'os; print(1):y')).toThrow(/expected module:function/);
});
