import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import {
  type InstalledProgram,
  type ProgramPin,
  type ProgramSource,
} from '../domain/programs/programs';
import { MainspringError, reportOf } from '../base/errors';
import { withFileLock } from '../base/file-lock';
import { type LockStore } from '../store/store';
import { isDiskFull } from '../base/disk-error';
import { installerOf } from './choose-installer';
import { programKey, programLockName, targetDigest } from './program-key';
import { type Manifest, type ProgramStore } from './program-store';
import { createRunTool, type ToolHost } from './run-tool';
import { type InstallIo, type InstallRequest } from './installer';
import { sha256 } from '../base/sha256';

export interface InstallDeps extends ToolHost {
  /** Folder of all programs. */
  root: string;
  store: ProgramStore;
  locks: LockStore;
}

/** Installs the requested program, unless it exists or another process has just installed it. */
export async function installProgram(
  deps: InstallDeps,
  request: InstallRequest,
  io: InstallIo,
): Promise<InstalledProgram> {
  try {
    const checkedRequest = { ...request, pin: await validPin(deps, request) };
    return (
      (await findPinned(deps, checkedRequest)) ?? (await installUnderLock(deps, checkedRequest, io))
    );
  } catch (error) {
    throw io.signal.aborted ? error : installError(error);
  }
}

async function installUnderLock(
  deps: InstallDeps,
  request: InstallRequest,
  io: InstallIo,
): Promise<InstalledProgram> {
  const startedAtMs = Date.now();
  const lockFile = path.join(deps.root, 'locks', programLockName(request.source));
  await mkdir(path.dirname(lockFile), { recursive: true, mode: 0o700 });
  const install = async (): Promise<InstalledProgram> => {
    const existing =
      (await findPinned(deps, request)) ??
      reused((await deps.store.findSince(targetDigest(request), startedAtMs))[0]);
    return existing ? { ...existing, awaited: true } : build(deps, request, io);
  };
  io.onStep('waiting for its turn');
  return withFileLock(lockFile, { timeoutMs: Infinity, signal: io.signal }, install);
}

/** Looks up the newest version in the registry of the program. */
export async function latestVersion(
  host: ToolHost,
  source: ProgramSource,
  io: InstallIo,
): Promise<string> {
  return installerOf(source).latest({ ...io, env: host.env, run: createRunTool(host, io) });
}

/**
 * Returns the pin to install. The current consent replaces the one in the pin. When a project folder has changed, the
 * pin is the one from an earlier installation of the same contents, if there was one.
 */
async function validPin(
  { store }: InstallDeps,
  { source, pin, allowScripts, force }: InstallRequest,
): Promise<ProgramPin | undefined> {
  if (pin === undefined) return undefined;
  const installer = installerOf(source);
  if (await installer.isCurrent(pin)) return { ...pin, allowScripts };
  const digest = targetDigest({ source, allowScripts, force }); // digest without a pin
  for (const manifest of await store.findSince(digest, 0)) {
    if (await installer.isCurrent(manifest.pin)) return manifest.pin;
  }
  return undefined;
}

async function findPinned(
  { store }: InstallDeps,
  { source, pin, force }: InstallRequest,
): Promise<InstalledProgram | undefined> {
  if (!pin || force) return undefined;
  return reused(await store.find(programKey(source, pin)));
}

function reused(manifest: Manifest | undefined): InstalledProgram | undefined {
  if (!manifest) return undefined;
  const { pin, run, blockedScripts, node } = manifest;
  const command = run.command === node ? process.execPath : run.command;
  return { pin, run: { ...run, command }, blockedScripts, reused: true };
}

/** Builds in a separate folder, which becomes the program when it is complete. */
async function build(
  deps: InstallDeps,
  request: InstallRequest,
  io: InstallIo,
): Promise<InstalledProgram> {
  const { source, pin: pinned, allowScripts } = request;
  const lockText = await lockTextOf(deps.locks, pinned);
  const build = await deps.store.createBuild();
  let isPublished = false;
  try {
    const target = { allowScripts, ...(pinned && { pin: pinned }), ...(lockText && { lockText }) };
    const tools = {
      ...io,
      env: deps.env,
      run: createRunTool({ ...deps, temporary: build.temporary }, io),
    };
    const installed = await installerOf(source).install(target, build.folder, tools);
    io.signal.throwIfAborted();
    const { run, blockedScripts } = installed;
    const lock = await keepLock(deps.locks, installed.lockText);
    const pin = pinned ?? { ...installed.pin, ...(lock && { lock }), allowScripts };
    const key = programKey(source, pin);
    const existing = request.force ? undefined : reused(await deps.store.find(key));
    if (existing) return existing;
    await build.publish(key, {
      pin,
      run,
      blockedScripts,
      wish: targetDigest(request),
      node: process.execPath,
      publishedAtMs: Date.now(),
    });
    isPublished = true;
    return { pin, run, blockedScripts, reused: false };
  } finally {
    if (!isPublished) await build.discard();
  }
}

/** Stores the lock; returns the digest by which a pin refers to it. */
async function keepLock(locks: LockStore, text: string | undefined): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const digest = sha256(text);
  await locks.put(digest, text);
  return digest;
}

/** Loads the lock of the pin; refuses a text with another digest, because the lock decides what is downloaded. */
async function lockTextOf(
  locks: LockStore,
  pin: ProgramPin | undefined,
): Promise<string | undefined> {
  if (pin?.lock === undefined) return undefined;
  const text = await locks.get(pin.lock);
  const { name, lock } = pin;
  if (text === undefined) {
    const message = `The lock ${lock} of ${name} is missing on this host and on the control worker.`;
    throw new MainspringError('INSTALL_FAILED', message, {
      fix: 'Start the host and the control worker that have it, or install it again: mainspring upgrade <name>.',
    });
  }
  if (sha256(text) === lock) return text;
  throw new MainspringError(
    'INTEGRITY_MISMATCH',
    `The stored lock ${lock} of ${name} was modified.`,
  );
}

function installError(error: unknown): MainspringError {
  if (error instanceof MainspringError) return error;
  const code = isDiskFull(error) ? 'DISK_FULL' : 'INSTALL_FAILED';
  return new MainspringError(code, reportOf(error).message, { cause: error });
}
