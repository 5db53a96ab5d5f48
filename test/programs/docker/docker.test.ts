import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type ImageSource } from '../../../src/domain/programs/programs';
import {
  dockerInstaller,
  parseImage,
  pinnedImage,
  platformOf,
} from '../../../src/programs/docker/docker';
import { useTemporaryFolder } from '../../temporary-folder';
import {
  closePythonHarness,
  openPythonHarness,
  type PythonHarness,
} from '../python/python-harness';

const folder = useTemporaryFolder();
const DIGEST = `sha256:${'a'.repeat(64)}`;
const ID = `sha256:${'b'.repeat(64)}`;
const IMAGE: ImageSource = {
  ...{ method: 'docker', image: 'mcp/x:1.2', options: ['run', '-i', '--platform', 'linux/arm64'] },
};

let harness: PythonHarness;
afterEach(() => closePythonHarness(harness));

/** Replaces docker, which has no engine here: records its arguments and prints what docker would. */
const withDocker = async (pull: string, digests: string[]) => {
  const bin = path.join(folder(), 'bin');
  await mkdir(bin);
  const answer = JSON.stringify([{ Id: ID, RepoDigests: digests }]);
  const script = `#!/bin/sh
echo "$*" >> ${bin}/calls
case "$1" in
pull) ${pull} ;;
image) echo '${answer}' ;;
esac
`;
  await writeFile(path.join(bin, 'docker'), script, { mode: 0o755 });
  harness = await openPythonHarness({ PATH: `${bin}:${process.env.PATH}`, DOCKER_HOST: 'tcp://h' });
  return { bin, calls: async () => (await readFile(`${bin}/calls`, 'utf8')).trim().split('\n') };
};

it('pins an image by the pulled digest', async () => {
  const { bin, calls } = await withDocker('echo pulled', [`other/x@${ID}`, `mcp/x@${DIGEST}`]);
  const installed = await harness.install(dockerInstaller, IMAGE);
  expect(installed.pin).toEqual({ name: 'mcp/x', version: '1.2', integrity: DIGEST });
  expect(installed.run).toEqual({
    command: path.join(bin, 'docker'),
    args: [...IMAGE.options, `mcp/x@${DIGEST}`],
    env: { DOCKER_HOST: 'tcp://h' },
  });
  const pin = { ...installed.pin, allowScripts: [] };
  expect(await harness.install(dockerInstaller, IMAGE, { pin })).toMatchObject({
    pin: installed.pin,
    run: installed.run,
  });
  expect((await calls()).filter((call) => call.startsWith('pull'))).toEqual([
    'pull --platform linux/arm64 mcp/x:1.2',
    `pull --platform linux/arm64 mcp/x@${DIGEST}`,
  ]);
});

it('runs a local image by its id', async () => {
  await withDocker('echo "pull access denied for mcp/x" >&2; exit 1', []);
  const installed = await harness.install(dockerInstaller, IMAGE);
  expect(installed.run.args.at(-1)).toBe(ID);
  const pin = { ...installed.pin, allowScripts: [] };
  const again = await harness.install(dockerInstaller, IMAGE, { pin });
  expect(again.run).toEqual(installed.run);
});

it.each([
  ['manifest for mcp/x:1.2 not found: manifest unknown', 'VERSION_NOT_FOUND'],
  ['dial tcp: lookup h: Temporary failure in name resolution', 'REGISTRY_UNREACHABLE'],
  ['something else', 'INSTALL_FAILED'],
])('reports why a pull failed: %s', async (said, code) => {
  await withDocker(`echo "${said}" >&2; exit 1`, []);
  await expect(harness.install(dockerInstaller, IMAGE)).rejects.toMatchObject({ code });
});

it('requires an engine', async () => {
  harness = await openPythonHarness({ DOCKER_HOST: 'tcp://127.0.0.1:1' });
  await expect(harness.install(dockerInstaller, IMAGE)).rejects.toMatchObject({
    code: 'PREREQUISITE_MISSING',
  });
});

it.each([
  ['x', 'x', 'latest'],
  ['mcp/x:1.2', 'mcp/x', '1.2'],
  ['host:5000/x', 'host:5000/x', 'latest'],
  ['host:5000/a/x:v1', 'host:5000/a/x', 'v1'],
  [`x:1@${DIGEST}`, 'x', '1'],
  [`x@${DIGEST}`, 'x', 'pinned'],
])('reads the image %s', (image, repository, version) => {
  expect(parseImage(image)).toEqual({ repository, version });
});

it('refers to an image by digest or id', () => {
  expect(pinnedImage('x', DIGEST)).toBe(`x@${DIGEST}`);
  expect(pinnedImage('x', `image:${'b'.repeat(64)}`)).toBe(ID);
});

it.each([
  [['run', '-i'], []],
  [['run', '--platform=linux/amd64'], ['--platform=linux/amd64']],
  [
    ['run', '--platform', 'linux/amd64', '-i'],
    ['--platform', 'linux/amd64'],
  ],
])('finds the platform in %j', (options, platform) => {
  expect(platformOf(options)).toEqual(platform);
});
