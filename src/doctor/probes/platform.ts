import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { onPath } from '../../programs/python-tools';
import { type PlatformFacts } from '../facts';
import { PACKAGE_MANAGERS } from '../fix-commands';

/** Package managers are there, whatever PATH somebody has. */
const USUAL_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/usr/local/bin'];
const BREW_FOLDERS = ['/opt/homebrew/bin', '/home/linuxbrew/.linuxbrew/bin'];

/** Which commands this machine understands. */
export async function probePlatform(env: NodeJS.ProcessEnv): Promise<PlatformFacts> {
  const folders = [env.PATH ?? '', ...USUAL_FOLDERS, ...BREW_FOLDERS].join(path.delimiter);
  const candidates = PACKAGE_MANAGERS[process.platform] ?? [];
  const packageManager = candidates.find((name) => onPath(name, { PATH: folders }) !== undefined);
  return {
    os: process.platform,
    arch: os.arch(),
    isRoot: process.getuid?.() === 0,
    ...(packageManager && { packageManager }),
    services: await servicesOf(),
  };
}

async function servicesOf(): Promise<PlatformFacts['services']> {
  if (await exists('/run/systemd/system')) return 'systemd';
  return (await exists('/run/openrc')) ? 'openrc' : 'none';
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
