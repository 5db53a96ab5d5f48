import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ProgramSource } from '../../src/domain/programs/programs';
import {
  checkPrerequisites,
  decideMissing,
  fixOf,
  type MachineTools,
  missingPrerequisites,
} from '../../src/programs/prerequisites';
import { useTemporaryFolder } from '../temporary-folder';

const NPM: ProgramSource = { method: 'npm', package: 'x', wanted: 'latest' };
const PYPI: ProgramSource = {
  ...{ method: 'pypi', package: 'x', extras: [], wanted: '', run: { script: 'x' } },
};
const IMAGE: ProgramSource = { method: 'docker', image: 'x', options: ['run'] };
const BUNDLE: ProgramSource = { method: 'mcpb', file: '/x.mcpb' };
const python = { executable: '/p', version: '3.11.2', hasVenv: true };

const folder = useTemporaryFolder();

it.each<[string, ProgramSource, MachineTools, string[]]>([
  ['npm is there', NPM, { npm: '/npm' }, []],
  ['npm is not', NPM, {}, ['sudo apt-get install -y npm']],
  [
    'git is not',
    { ...NPM, wanted: 'git+https://h/x.git' },
    { npm: '/npm' },
    ['sudo apt-get install -y git'],
  ],
  ['uv is there', PYPI, { uv: '/uv' }, []],
  ['Python has a pip for others', PYPI, { python: { ...python, pip: '23.2' } }, []],
  ['Python brings a pip', PYPI, { python: { ...python, bundledPip: '20.0' } }, []],
  [
    'Python has an old pip',
    PYPI,
    { python: { ...python, pip: '20.0' } },
    ['mainspring doctor --fix'],
  ],
  ['Python has no pip', PYPI, { python }, ['sudo apt-get install -y python3 python3-venv']],
  ['no Python', PYPI, {}, ['sudo apt-get install -y python3 python3-venv']],
  ['an engine', IMAGE, { engine: { file: '/docker' } }, []],
  [
    'an unresponsive engine',
    IMAGE,
    { engine: { unresponsive: ['docker'] } },
    ['sudo systemctl start docker'],
  ],
  ['no engine', IMAGE, { engine: { unresponsive: [] } }, ['sudo apt-get install -y docker.io']],
  ['a bundle', BUNDLE, {}, []],
])('decides which tools are missing: %s', (_, source, machine, fixes) => {
  const missing = decideMissing(source, { packageTool: 'apt-get', ...machine });
  expect(missing.map(({ fix }) => fix)).toEqual(fixes);
});

it.each([
  ['python', 'brew', 'brew install python'],
  ['npm', 'winget', 'winget install OpenJS.NodeJS.LTS'],
  ['git', undefined, 'Install git: https://git-scm.com/downloads'],
] as const)('says how to get %s with %s', (tool, packageTool, fix) => {
  expect(fixOf(tool, packageTool)).toBe(fix);
});

it('finds the tools of this machine', async () => {
  expect(await missingPrerequisites(NPM, process.env, folder())).toEqual([]);
  expect(await missingPrerequisites(PYPI, process.env, folder())).toEqual([]);
});

it('finds nothing on an empty PATH', async () => {
  const env = { PATH: folder() };
  await expect(checkPrerequisites(PYPI, env, folder())).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
    message: 'Python 3.8 or newer with venv and pip, or uv, is required.',
    fix: 'Install Python: https://www.python.org/downloads/',
  });
});

it('skips a Python that does not run or is too old', async () => {
  const bin = path.join(folder(), 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'python3'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  const old = '#!/bin/sh\necho \'{"version":[3,6,15],"executable":"/old"}\'\n';
  await writeFile(path.join(bin, 'python'), old, { mode: 0o755 });
  expect(await missingPrerequisites(PYPI, { PATH: bin }, folder())).toHaveLength(1);
});

it('reports docker without an engine', async () => {
  const bin = path.join(folder(), 'bin');
  await mkdir(bin);
  await writeFile(path.join(bin, 'docker'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const [missing] = await missingPrerequisites(IMAGE, { PATH: bin }, folder());
  expect(missing).toMatchObject({ found: 'docker without a running engine' });
});
