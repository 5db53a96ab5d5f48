import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { MainspringError } from '../../base/errors';
import { type BundleSource, type RunCommand } from '../../domain/programs/programs';
import { type BundleManifest, bundleRun, parseBundleManifest } from './bundle-manifest';
import { fetchBundle } from './fetch-bundle';
import { readForeignFile } from '../foreign-output';
import { type Installed, type Installer, type InstallerIo, type InstallTarget } from '../installer';
import { pythonProjectInstaller } from '../python/python-project';
import { refused, unpackBundle } from './unpack-bundle';

const MANIFEST = 'manifest.json';

/** Installs bundles that contain one server and everything it needs. */
export const bundleInstaller: Installer<BundleSource> = {
  async install(target, folder, io) {
    const { source, pin } = target;
    const archive = path.join(folder, 'bundle.mcpb');
    io.onStep(`fetching ${source.file}`);
    await fetchBundle(source.file, archive, io.signal);
    const integrity = `sha256:${await hashOf(archive)}`;
    const declared = source.sha256 && `sha256:${source.sha256.toLowerCase()}`;
    for (const expected of [declared, pin?.integrity]) {
      if (!expected || expected === integrity) continue;
      const message = `${source.file} has the integrity ${integrity}, not ${expected}.`;
      throw new MainspringError('INTEGRITY_MISMATCH', message);
    }
    io.onStep('unpacking the bundle');
    const unpacked = await unpack(archive, path.join(folder, 'bundle'), io.signal);
    await rm(archive);
    const { name, version, server } = unpacked.manifest;
    const python =
      server.type === 'uv' ? await environmentOf(unpacked, target, folder, io) : undefined;
    return {
      pin: { name, version, integrity },
      run: await runOf(unpacked, python?.run),
      blockedScripts: [],
      ...(python?.lockText !== undefined && { lockText: python.lockText }),
    };
  },

  async latest({ file }, io) {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-bundle-'));
    try {
      const archive = path.join(folder, 'bundle.mcpb');
      await fetchBundle(file, archive, io.signal);
      const { manifest } = await unpack(archive, path.join(folder, 'bundle'), io.signal);
      return manifest.version;
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

interface Unpacked {
  folder: string;
  files: string[];
  manifest: BundleManifest;
}

async function unpack(archive: string, folder: string, signal: AbortSignal): Promise<Unpacked> {
  await mkdir(folder, { mode: 0o700 });
  const files = await unpackBundle(archive, folder, signal);
  if (!files.includes(MANIFEST)) throw refused(`it has no ${MANIFEST}`);
  const manifest = parseBundleManifest(await readForeignFile(path.join(folder, MANIFEST)));
  return { folder, files, manifest };
}

/** Creates an environment for a bundle that only lists its dependencies. */
async function environmentOf(
  { folder: dir }: Unpacked,
  { lockText, allowScripts }: InstallTarget<BundleSource>,
  folder: string,
  io: InstallerIo,
): Promise<Installed> {
  const environment = path.join(folder, 'environment');
  await mkdir(environment, { mode: 0o700 });
  const target = { source: { method: 'python-project' as const, dir }, allowScripts };
  const locked = { ...target, ...(lockText !== undefined && { lockText }) };
  return pythonProjectInstaller.install(locked, environment, io);
}

/** Makes the bundle's own program executable, because many packing tools do not. */
async function runOf(
  { folder, files, manifest }: Unpacked,
  python: RunCommand | undefined,
): Promise<RunCommand> {
  const { platform } = process;
  const location = { folder, files, home: os.homedir(), platform, ...(python && { python }) };
  const run = bundleRun(manifest, location);
  if (run.command.startsWith(path.join(folder, path.sep))) {
    await chmod(run.command, 0o700).catch(() => {
      throw refused(`it has no file ${path.relative(folder, run.command)} to start`);
    });
  }
  return run;
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
