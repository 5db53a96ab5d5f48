import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';
import { BUNDLE_LIMITS, bundleProblem } from '../../../src/programs/bundle/bundle-limits';
import { bundleRun, parseBundleManifest } from '../../../src/programs/bundle/bundle-manifest';
import { fillUserConfig } from '../../../src/programs/bundle/user-config';
import { closeHarness, type Harness, openHarness } from '../harness';
import { makeZip, type ZipEntry } from '../zip';

const run = promisify(execFile);

const MANIFEST = {
  manifest_version: '0.3',
  name: 'hello',
  version: '1.2.3',
  description: 'says hello',
  author: { name: 'me' },
  server: {
    type: 'node',
    entry_point: 'server/index.js',
    mcp_config: {
      command: 'node',
      args: ['${__dirname}/server/index.js', '${user_config.dirs}'],
      env: { LEVEL: '${user_config.level}' },
    },
  },
  user_config: {
    dirs: { type: 'directory', title: 'Folders', multiple: true, required: true },
    level: { type: 'number', title: 'Level', default: 3 },
  },
};
const SERVER = 'console.log(process.env.LEVEL, ...process.argv.slice(2));\n';

const manifestEntry = (manifest: object = MANIFEST): ZipEntry => ({
  name: 'manifest.json',
  content: JSON.stringify(manifest),
});
const serverEntry: ZipEntry = { name: 'server/index.js', content: SERVER };

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => closeHarness(harness));

async function bundleOf(entries: ZipEntry[]): Promise<string> {
  const file = path.join(harness.home, 'test.mcpb');
  await writeFile(file, makeZip(entries));
  return file;
}

describe('a bundle', () => {
  it('is unpacked and started with the settings of its user', async () => {
    const zip = makeZip([manifestEntry(), { name: 'server/', mode: 0o040755 }, serverEntry]);
    const file = path.join(harness.home, 'test.mcpb');
    await writeFile(file, zip);
    const installed = await harness.install({ method: 'mcpb', file });
    const sha256 = createHash('sha256').update(zip).digest('hex');
    expect(installed.pin).toEqual({
      ...{ name: 'hello', version: '1.2.3', integrity: `sha256:${sha256}`, allowScripts: [] },
    });
    const { command, args, env } = fillUserConfig(installed.run, { dirs: ['/a', '/b c'] });
    const { stdout } = await run(command, args, { env: { ...process.env, ...env } });
    expect(stdout).toBe('3 /a /b c\n');
    const again = await harness.install({ method: 'mcpb', file }, { pin: installed.pin });
    expect(again).toEqual({ ...installed, reused: true });
  });

  it('may be a binary, even if it is not marked as executable', async () => {
    const server = {
      type: 'binary',
      entry_point: 'bin/hello',
      mcp_config: { command: 'bin/hello' },
    };
    const file = await bundleOf([
      manifestEntry({ ...MANIFEST, server, user_config: undefined }),
      { name: 'bin/hello', content: '#!/bin/sh\necho hello\n' },
    ]);
    const installed = await harness.install({ method: 'mcpb', file });
    expect((await run(installed.run.command, installed.run.args)).stdout).toBe('hello\n');
  });

  it('may only list its Python packages', async () => {
    const mcp_config = {
      command: 'uv',
      args: ['run', '--directory', '${__dirname}', 'src/server.py', '--flag'],
    };
    const server = { type: 'uv', entry_point: 'src/server.py', mcp_config };
    const pyproject = '[project]\nname = "hello"\nversion = "1.2.3"\ndependencies = []\n';
    const file = await bundleOf([
      manifestEntry({ ...MANIFEST, server, user_config: undefined }),
      { name: 'pyproject.toml', content: pyproject },
      { name: 'src/server.py', content: 'import sys\nprint(sys.argv[1:], sys.prefix)\n' },
    ]);
    const installed = await harness.install({ method: 'mcpb', file });
    const { command, args, env } = installed.run;
    const { stdout } = await run(command, args, { env: { ...process.env, ...env } });
    expect(stdout).toContain("['--flag']");
    expect(stdout).toContain(path.join(harness.home, 'programs', 'builds'));
  });

  it('is refused when it differs from the config or a pin', async () => {
    const file = await bundleOf([manifestEntry(), serverEntry]);
    const other = 'a'.repeat(64);
    await expect(harness.install({ method: 'mcpb', file, sha256: other })).rejects.toMatchObject({
      code: 'INTEGRITY_MISMATCH',
    });
    const pin = { name: 'hello', version: '1', integrity: `sha256:${other}`, allowScripts: [] };
    await expect(harness.install({ method: 'mcpb', file }, { pin })).rejects.toMatchObject({
      code: 'INTEGRITY_MISMATCH',
    });
  });

  it('is downloaded from a server', async () => {
    const zip = makeZip([manifestEntry(), serverEntry]);
    const server = createServer(({ url }, response) => {
      response.writeHead(url === '/hello.mcpb' ? 200 : 404).end(zip);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const installed = await harness.install({ method: 'mcpb', file: `${base}/hello.mcpb` });
    expect(installed.pin.name).toBe('hello');
    await expect(
      harness.install({ method: 'mcpb', file: `${base}/other.mcpb` }),
    ).rejects.toMatchObject({ code: 'PACKAGE_NOT_FOUND' });
    server.close();
    await expect(
      harness.install({ method: 'mcpb', file: `${base}/hello.mcpb?` }),
    ).rejects.toMatchObject({ code: 'REGISTRY_UNREACHABLE' });
  });

  it('must exist, and be downloaded over a secure connection', async () => {
    const missing = path.join(harness.home, 'missing.mcpb');
    await expect(harness.install({ method: 'mcpb', file: missing })).rejects.toMatchObject({
      code: 'FILE_NOT_FOUND',
    });
    await expect(
      harness.install({ method: 'mcpb', file: 'http://example.com/x.mcpb' }),
    ).rejects.toMatchObject({ code: 'BUNDLE_REFUSED' });
  });
});

const SYMLINK = 0o120777;
const FIFO = 0o010644;
const DEVICE = 0o020644;

describe('a bundle is refused', () => {
  it.each<[string, ZipEntry, string]>([
    ['an absolute path', { name: '/etc/evil' }, 'is an absolute path'],
    ['a path that leaves the folder', { name: 'a/../../evil' }, 'points outside the folder'],
    ['just the way up', { name: '..' }, 'points outside the folder'],
    ['a backslash', { name: '..\\evil' }, 'has a backslash'],
    ['a drive', { name: 'C:/evil' }, 'starts with a drive letter'],
    ['a NUL', { name: 'a\0b' }, 'has a control character'],
    ['an empty part', { name: 'a//b' }, 'is not a plain path'],
    ['a symbolic link', { name: 'link', content: '/etc/passwd', mode: SYMLINK }, 'is a link'],
    ['a pipe', { name: 'pipe', mode: FIFO }, 'is a link or a device'],
    ['a device', { name: 'null', mode: DEVICE }, 'is a link or a device'],
    ['encryption', { name: 'a', flags: 1 }, 'is encrypted'],
    [
      'an unknown compression',
      { name: 'a', method: 12 },
      'uses an unknown compression method (12)',
    ],
    [
      'a bomb',
      { name: 'zeros', content: Buffer.alloc(BUNDLE_LIMITS.ratioFromBytes + 1) },
      'would unpack to more than 200 times its size',
    ],
    ['a huge file', { name: 'huge', claimedBytes: BUNDLE_LIMITS.fileBytes + 1 }, 'is larger than'],
    ['a name that is there', { name: 'server/index.js' }, 'appears twice'],
  ])('for %s, naming the entry', async (_, entry, why) => {
    const file = await bundleOf([manifestEntry(), serverEntry, entry]);
    const install = harness.install({ method: 'mcpb', file });
    const error: unknown = await install.catch((refusal: unknown) => refusal);
    expect(error).toMatchObject({ code: 'BUNDLE_REFUSED' });
    expect(String(error)).toContain(`the entry ${JSON.stringify(entry.name)} ${why}`);
    expect(existsSync('/etc/evil')).toBe(false);
    expect(await readdir(path.join(harness.home, 'programs', 'builds'))).toEqual([]);
  });

  it.each<[string, ZipEntry[]]>([
    ['a size that is not true', [{ name: 'a', content: 'x'.repeat(99), claimedBytes: 5 }]],
    ['a file in place of a folder', [{ name: 'a' }, { name: 'a/b' }]],
    ['no manifest', []],
  ])('for %s', async (_, entries) => {
    const file = await bundleOf([...(entries.length ? [manifestEntry()] : []), ...entries]);
    await expect(harness.install({ method: 'mcpb', file })).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
    });
  });

  it('when it is not an archive', async () => {
    const file = path.join(harness.home, 'text.mcpb');
    await writeFile(file, 'hello');
    await expect(harness.install({ method: 'mcpb', file })).rejects.toMatchObject({
      code: 'BUNDLE_REFUSED',
    });
  });

  it('for too many entries or bytes', () => {
    const entry = {
      fileName: 'a',
      compressedSize: 9,
      uncompressedSize: 10,
      compressionMethod: 8,
      generalPurposeBitFlag: 0,
      externalFileAttributes: 0,
    };
    const two = [entry, { ...entry, fileName: 'b' }];
    expect(bundleProblem(two)).toBeUndefined();
    expect(bundleProblem(two, { ...BUNDLE_LIMITS, entries: 1 })).toContain('more than 1 entries');
    expect(bundleProblem(two, { ...BUNDLE_LIMITS, totalBytes: 19 })).toContain(
      'more than 19 bytes',
    );
  });
});

describe('the command of a bundle', () => {
  const place = {
    ...{ folder: '/b', files: ['server/main.py', 'bin/tool', 'c.json'] },
    ...{ home: '/home/me', platform: 'linux' as const },
  };
  const commandOf = (server: object, more: object = {}) =>
    bundleRun(parseBundleManifest(JSON.stringify({ ...MANIFEST, server, ...more })), place);

  it("is Python with the bundle's packages when the manifest says so", () => {
    const mcp_config = {
      command: 'python',
      args: ['server/main.py', '--home=${HOME}${/}x', '${DOCUMENTS}', 'other.py'],
      env: { PYTHONPATH: '${__dirname}/server/lib' },
    };
    expect(commandOf({ type: 'python', entry_point: 'server/main.py', mcp_config })).toMatchObject({
      command: 'python3',
      args: ['/b/server/main.py', '--home=/home/me/x', '/home/me/Documents', 'other.py'],
      env: { PYTHONPATH: '/b/server/lib' },
    });
  });

  it('is the one for this system', () => {
    const mcp_config = {
      command: 'bin/tool.exe',
      args: ['a'],
      env: { A: '1', B: '1' },
      platform_overrides: {
        linux: { command: '${__dirname}/bin/tool', env: { B: '2' } },
        darwin: { args: ['mac'] },
      },
    };
    expect(commandOf({ type: 'binary', entry_point: 'bin/tool', mcp_config })).toMatchObject({
      command: '/b/bin/tool',
      args: ['a'],
      env: { A: '1', B: '2' },
    });
  });

  it('is derived from the entry point when the manifest has none', () => {
    expect(commandOf({ type: 'python', entry_point: 'server/main.py' })).toMatchObject({
      command: 'python3',
      args: ['/b/server/main.py'],
    });
    expect(commandOf({ type: 'binary', entry_point: 'bin/tool' })).toMatchObject({
      command: '/b/bin/tool',
      args: [],
    });
  });

  it('has defaults with resolved folders', () => {
    const user_config = { dirs: { title: 'Folders', default: ['${HOME}/a', '${DESKTOP}'] } };
    const { questions } = commandOf(MANIFEST.server, { user_config });
    expect(questions).toEqual({
      dirs: { title: 'Folders', required: false, default: ['/home/me/a', '/home/me/Desktop'] },
    });
  });

  it('is an error on an unsupported system', () => {
    const compatibility = { platforms: ['win32', 'darwin'] };
    expect(() => commandOf(MANIFEST.server, { compatibility })).toThrow(
      '"hello" supports win32, darwin, but not linux.',
    );
  });

  it.each([
    [{ type: 'perl', entry_point: 'x' }, 'server.type'],
    [{ type: 'node' }, 'server.entry_point'],
  ])('is an error when the server is %j', (server, field) => {
    expect(() => commandOf(server)).toThrow(field);
  });
});
