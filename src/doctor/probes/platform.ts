import { access } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { findPackageTool } from '../../programs/prerequisites';
import { type PlatformFacts } from '../facts';

/** Folders of package managers, searched even when they are not on PATH. */
const USUAL_FOLDERS = ['/usr/bin', '/bin', '/usr/sbin', '/sbin', '/opt/homebrew/bin'];

/** Finds out which commands this machine understands. */
export async function probePlatform(env: NodeJS.ProcessEnv): Promise<PlatformFacts> {
  const folders = [env.PATH ?? '', ...USUAL_FOLDERS].join(path.delimiter);
  const packageTool = findPackageTool({ PATH: folders });
  return {
    os: process.platform,
    arch: os.arch(),
    isRoot: process.getuid?.() === 0,
    ...(packageTool && { packageTool }),
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
