import { chmod } from 'node:fs/promises';
import { ensureHome } from '../config';
import { reportOf } from '../base/errors';
import { installUv } from '../programs/python/python-uv-install';
import { createRunTool } from '../programs/run-tool';
import { type Finding } from './finding';

export interface FixIo {
  home: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  /** Receives the current step, as text for people. */
  onStep: (step: string) => void;
}

/** Result of fixing one finding. */
export interface Fix {
  id: string;
  done: boolean;
  detail: string;
}

/** Fixes what needs no root: the data directory first, because tools are installed into it. */
export async function fixFindings(findings: readonly Finding[], io: FixIo): Promise<Fix[]> {
  const fixes: Fix[] = [];
  for (const [id, repair] of REPAIRS) {
    if (!findings.some((finding) => finding.id === id && finding.fixable)) continue;
    try {
      fixes.push({ id, done: true, detail: await repair(io) });
    } catch (error) {
      io.signal.throwIfAborted();
      fixes.push({ id, done: false, detail: reportOf(error).message });
    }
  }
  return fixes;
}

const REPAIRS: readonly [string, (io: FixIo) => Promise<string>][] = [
  ['home', closeHome],
  ['uv', installOwnUv],
];

async function closeHome({ home, onStep }: FixIo): Promise<string> {
  onStep('Making the data directory private');
  await chmod(home, 0o700).catch(() => undefined); // it may not exist yet; the next line reports any problem
  await ensureHome(home);
  return `${home} is only accessible to its user`;
}

async function installOwnUv({ home, env, signal, onStep }: FixIo): Promise<string> {
  onStep('Installing uv into the tools folder');
  const host = { env, onSpawn: () => undefined, onGone: () => undefined };
  const io = { signal, onStep: () => undefined, log: () => undefined };
  return `uv is at ${await installUv(home, { ...io, env, run: createRunTool(host, io) })}`;
}
