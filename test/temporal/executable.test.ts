import { spawn } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import path from 'node:path';
import { type ErrorReport, reportOf } from '../../src/base/errors';
import { buildAhead } from '../../src/temporal/build-ahead';
import { findTemporal } from '../../src/temporal/executable';
import {
  builtPath,
  downloadedPath,
  driverOfOurBuild,
  makeCached,
  packagedPaths,
} from '../../src/temporal/executable-cache';
import { isNewEnough } from '../../src/temporal/executable-version';
import { until } from '../e2e/until';
import { useTemporaryFolder } from '../temporary-folder';

const temporaryFolder = useTemporaryFolder();
const NO_DOWNLOAD = 'http://127.0.0.1:9/none.tar.gz';

/** A program that answers --version like Temporal, in a folder that can be put on PATH. */
async function fakeTemporal(folder: string, version: string): Promise<string> {
  return script(
    path.join(folder, 'temporal'),
    `echo "temporal version ${version} (Server 1.32.0)"`,
  );
}

/** Stands for Go: counts its runs, takes a moment, and writes what `-o` names. */
async function fakeGo(
  folder: string,
  { cgo = true, breaksC = false } = {},
): Promise<{ runs: () => Promise<number> }> {
  const log = path.join(folder, 'runs');
  await script(
    path.join(folder, 'go'),
    `if [ "$1" = env ]; then echo ${cgo ? 1 : 0}; exit; fi
${breaksC ? 'case "$*" in *cgo.mod*) echo "stdlib.h: No such file" >&2; exit 1;; esac' : ''}
echo run >> '${log}'
while [ "$1" != -o ]; do shift; done
sleep 0.3
printf '#!/bin/sh\\necho "temporal version 1.9.1-built"\\n' > "$2"`,
  );
  return { runs: async () => (await readFile(log, 'utf8')).split('\n').length - 1 };
}

async function script(file: string, body: string): Promise<string> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${body}\n`);
  await chmod(file, 0o755);
  return file;
}

async function setUp() {
  const folder = temporaryFolder();
  const bin = path.join(folder, 'bin');
  await mkdir(bin);
  const cacheDir = path.join(folder, 'cache');
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  const lines: string[] = [];
  const onProgress = (line: string) => lines.push(line);
  return { folder, bin, cacheDir, temporalArchiveUrl: NO_DOWNLOAD, env, lines, onProgress };
}

describe('MAINSPRING_TEMPORAL_BIN', () => {
  test('is used before anything else', async () => {
    const { folder, bin, ...rest } = await setUp();
    await fakeTemporal(bin, '1.9.9');
    const chosen = await fakeTemporal(path.join(folder, 'chosen'), '1.8.0');
    const found = await findTemporal({ ...rest, temporalBin: chosen });
    expect(found).toEqual({ path: chosen, source: 'variable', version: '1.8.0' });
  });

  test('is an error when it does not exist, also with another one on PATH', async () => {
    const { bin, ...rest } = await setUp();
    await fakeTemporal(bin, '1.9.9');
    const report = await reportOfFailed(
      findTemporal({ ...rest, temporalBin: '/nowhere/temporal' }),
    );
    expect(report.code).toBe('TEMPORAL_NOT_FOUND');
    expect(report.message).toContain('/nowhere/temporal');
  });
});

describe('PATH', () => {
  test('a new enough one is used', async () => {
    const { bin, ...rest } = await setUp();
    const file = await fakeTemporal(bin, '1.10.0');
    expect(await findTemporal(rest)).toEqual({ path: file, source: 'path', version: '1.10.0' });
  });

  test('an old one is skipped, with the reason', async () => {
    const { bin, lines, ...rest } = await setUp();
    await fakeTemporal(bin, '1.5.1');
    await fakeGo(bin);
    expect((await findTemporal(rest)).source).toBe('build');
    expect(lines.join('\n')).toContain('is 1.5.1, older than 1.9.1');
  });

  test.each([
    ['1.9.1', true],
    ['1.9.2', true],
    ['1.10.0', true],
    ['2.0.0', true],
    ['1.9.0', false],
    ['1.8.9', false],
    ['0.10.10', false],
  ])('version %s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version)).toBe(expected);
  });
});

test('the executable of the platform package is found beside the dependencies', async () => {
  const { bin } = await setUp();
  const root = path.dirname(bin);
  expect(packagedPaths(path.join(root, 'elsewhere'))).toEqual([]);
  const name = `@mainspring/temporal-${process.platform}-${process.arch}`;
  const file = path.join(root, 'node_modules', name, 'temporal-built-c');
  await script(file, 'echo "temporal version 1.9.1-mainspring"');
  expect(packagedPaths(root)).toEqual([file]);
  expect(driverOfOurBuild(file)).toBe('c');
});

/** All but the lock, which stays. */
async function cached(cacheDir: string): Promise<string[]> {
  return (await readdir(cacheDir)).filter((name) => !name.endsWith('.lock'));
}

describe('a build ahead', () => {
  const hooks = () => {
    const told: string[] = [];
    const onSpawn = (pgid: number) => {
      process.kill(-pgid, 0); // a group of its own, which its owner can end
      told.push('spawned');
    };
    return { told, background: { onSpawn, onGone: () => told.push('gone') } };
  };

  test('serves from the next start on, in place of the official one', async () => {
    const { bin, lines, ...rest } = await setUp();
    await fakeGo(bin);
    const { told, background } = hooks();
    await buildAhead(downloadedPath(rest.cacheDir), { ...rest, background });
    expect(await findTemporal(rest)).toMatchObject({
      source: 'cache',
      path: builtPath(rest.cacheDir, 'c'),
    });
    expect(told).toEqual(['spawned', 'gone', 'spawned', 'gone']); // `go env`, `go build`
    expect(lines).toEqual([
      'Temporal: building a faster one with Go, for the next start',
      'Temporal: the faster one is built, and serves from the next start on',
    ]);
  });

  test('says nothing without Go, and why it failed with it', async () => {
    const { bin, lines, ...rest } = await setUp();
    const { background } = hooks();
    const search = { ...rest, env: { PATH: bin }, background };
    await buildAhead(downloadedPath(rest.cacheDir), search);
    expect(lines).toEqual([]);
    await symlink('/usr/bin/nice', path.join(bin, 'nice'));
    await script(
      path.join(bin, 'go'),
      '[ "$1" = env ] && echo 0 && exit\necho "no room" >&2; exit 1',
    );
    await buildAhead(downloadedPath(rest.cacheDir), search);
    expect(lines.at(-1)).toContain('could not be built: go build: no room');
  });

  test('is not made beside our own, or one that the user has chosen', async () => {
    const { bin, ...rest } = await setUp();
    const { told, background } = hooks();
    await fakeGo(bin);
    for (const used of [builtPath(rest.cacheDir, 'go'), '/usr/bin/temporal']) {
      await buildAhead(used, { ...rest, background });
    }
    expect(told).toEqual([]);
  });

  test('ends at once when its instance does', async () => {
    const { bin, lines, ...rest } = await setUp();
    await fakeGo(bin);
    const { told, background } = hooks();
    const controller = new AbortController();
    const search = { ...rest, background, signal: controller.signal };
    const building = buildAhead(downloadedPath(rest.cacheDir), search);
    await until('it builds', () => told.length === 3);
    controller.abort();
    await building;
    await until('its process is gone', () => told.length === 4);
    expect(lines).toHaveLength(1);
    expect((await cached(rest.cacheDir)).filter((name) => name.includes('built'))).toEqual([]);
  });
});

describe('build and cache', () => {
  test('what was built is found in the cache the next time', async () => {
    const { bin, ...rest } = await setUp();
    const go = await fakeGo(bin);
    const first = await findTemporal(rest);
    expect(first).toMatchObject({ source: 'build', path: builtPath(rest.cacheDir, 'c') });
    expect(await findTemporal(rest)).toEqual({ ...first, source: 'cache' });
    expect(await go.runs()).toBe(1);
  });

  test.each([
    ['there is no C compiler', { cgo: false }],
    ['the C compiler fails', { breaksC: true }],
  ])('SQLite in Go is taken when %s', async (_why, options) => {
    const { bin, lines, ...rest } = await setUp();
    await fakeGo(bin, options);
    const first = await findTemporal(rest);
    expect(first).toMatchObject({ source: 'build', path: builtPath(rest.cacheDir, 'go') });
    expect(driverOfOurBuild(first.path)).toBe('go');
    expect(await findTemporal(rest)).toEqual({ ...first, source: 'cache' });
    expect(lines.join('\n').includes('stdlib.h: No such file')).toBe('breaksC' in options);
  });

  test('a damaged file in the cache is built again', async () => {
    const { bin, lines, ...rest } = await setUp();
    await fakeGo(bin);
    const { path: file } = await findTemporal(rest);
    await writeFile(file, '#!/bin/sh\n');
    expect(await findTemporal(rest)).toMatchObject({ source: 'build', version: '1.9.1' });
    expect(lines.join('\n')).toContain('is damaged');
  });

  test('two searches at once build once', async () => {
    const { bin, ...rest } = await setUp();
    const go = await fakeGo(bin);
    const found = await Promise.all([findTemporal(rest), findTemporal(rest)]);
    expect(found.map(({ version }) => version)).toEqual(['1.9.1', '1.9.1']);
    expect(await go.runs()).toBe(1);
    expect(await cached(rest.cacheDir)).toHaveLength(2);
  });

  test('an aborted build leaves nothing behind', async () => {
    const { bin, ...rest } = await setUp();
    await fakeGo(bin);
    const controller = new AbortController();
    const search = findTemporal({ ...rest, signal: controller.signal });
    setTimeout(() => controller.abort(), 150);
    await expect(search).rejects.toThrow('aborted');
    expect(await cached(rest.cacheDir)).toEqual([]);
  });

  test('what a killed process left behind is removed', async () => {
    const { bin, ...rest } = await setUp();
    await fakeGo(bin);
    const dead = await deadPid();
    const file = builtPath(rest.cacheDir, 'c');
    await mkdir(path.join(rest.cacheDir, `making-${dead}-1-x`), { recursive: true });
    expect((await findTemporal(rest)).source).toBe('build');
    expect((await cached(rest.cacheDir)).sort()).toEqual(
      [path.basename(file), `${path.basename(file)}.json`].sort(),
    );
  });

  test('a failed maker publishes nothing', async () => {
    const { cacheDir } = await setUp();
    const file = path.join(cacheDir, 'thing');
    const failing = makeCached(file, async (scratch) => {
      await writeFile(path.join(scratch, 'half'), 'x');
      throw new Error('no more disk');
    });
    await expect(failing).rejects.toThrow('no more disk');
    expect(await readdir(cacheDir)).toEqual([]);
  });
});

// The only platform whose archive we have a checksum of.
const onLinux = process.platform === 'linux' && process.arch === 'x64' ? describe : describe.skip;

onLinux('download', () => {
  test('an archive with another checksum is refused', async () => {
    const { lines, ...rest } = await setUp();
    const server = createServer((_request, response) => response.end('not what we know'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/cli.tar.gz`;
    try {
      const search = { ...rest, temporalArchiveUrl: url };
      await expect(findTemporal(search)).rejects.toThrow('SHA-256');
      expect(lines.join('\n')).toContain(`downloading ${url}`);
      expect(await cached(rest.cacheDir)).toEqual([]);
    } finally {
      server.close();
    }
  });

  test('a server that never answers does not hold up the search', async () => {
    const { bin, ...rest } = await setUp();
    await fakeGo(bin);
    const server = createServer(() => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/cli.tar.gz`;
    try {
      const search = { ...rest, temporalArchiveUrl: url };
      expect((await findTemporal(search)).source).toBe('build');
      expect(rest.lines.join('\n')).toContain('no answer within');
    } finally {
      server.closeAllConnections();
      server.close();
    }
  });
});

test('when everything fails the error has the reason of every step', async () => {
  const { bin, ...rest } = await setUp();
  await fakeTemporal(bin, '1.0.0');
  await script(path.join(bin, 'go'), 'echo "go: module not found" >&2; exit 1');
  const { code, message, fix } = await reportOfFailed(findTemporal(rest));
  expect(code).toBe('TEMPORAL_NOT_FOUND');
  expect(message).toMatch(/PATH: .* older/);
  expect(message).toContain('cache: temporal-');
  expect(message).toContain('download: http://127.0.0.1:9');
  expect(message).toContain('build: go env: go: module not found');
  expect(fix).toContain('MAINSPRING_TEMPORAL_BIN');
});

async function reportOfFailed(search: Promise<unknown>): Promise<ErrorReport> {
  const outcome = await search.catch((error: unknown) => error);
  return reportOf(outcome);
}

async function deadPid(): Promise<number> {
  const child = spawn('true');
  await new Promise((resolve) => child.once('exit', resolve));
  return child.pid ?? 0;
}
