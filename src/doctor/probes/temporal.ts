import { connect } from 'node:net';
import { reportOf } from '../../base/errors';
import { onPath } from '../../programs/python/python-tools';
import { cachedPaths, packagedPaths, verifyCached } from '../../temporal/executable-cache';
import {
  isNewEnough,
  MIN_VERSION,
  ExecutableNotFound,
  versionOf,
} from '../../temporal/executable-version';
import { type TemporalFact } from '../facts';
import { CONNECT_TIMEOUT_MS, TOOL_TIMEOUT_MS } from '../limits';
import { inTime } from './in-time';
import { runProbe } from './run-probe';

/** The instance that is running on the data directory. */
export interface RunningInstance {
  address: string;
  pid?: number | undefined;
}

export interface TemporalProbeContext {
  env: NodeJS.ProcessEnv;
  cacheDir: string;
  /** The executable that MAINSPRING_TEMPORAL_BIN names, if any. */
  temporalBin?: string | undefined;
  instance?: RunningInstance | undefined;
}

/** Reports the running Temporal, or the one that `up` would use, found as `findTemporal` does but without installing one. */
export async function probeTemporal({
  instance,
  ...sources
}: TemporalProbeContext): Promise<TemporalFact> {
  if (instance) {
    const { address, pid } = instance;
    const isReachable = await accepts(address);
    return { state: 'running', address, isReachable, ...(pid !== undefined && { pid }) };
  }
  const external = await externalTemporal(sources.env);
  if (external) return external;
  const found = await inTime(executableIn(sources));
  if (found !== 'late') return found;
  return { state: 'misconfigured', problem: 'the Temporal executable does not report its version' };
}

/** Loads the connection code only when variables name a server, because loading takes a while. */
async function externalTemporal(env: NodeJS.ProcessEnv): Promise<TemporalFact | undefined> {
  if (!env.TEMPORAL_ADDRESS && !env.TEMPORAL_CONFIG_FILE && !env.TEMPORAL_PROFILE) return undefined;
  const { connectClient } = await import('../../temporal/connection.js');
  const { temporalSettings } = await import('../../temporal/settings.js');
  try {
    const settings = await temporalSettings(env);
    if (settings === undefined) return undefined;
    const { address } = settings;
    if (!(await accepts(address))) {
      return { state: 'external', address, problem: `nothing is listening on ${address}` };
    }
    return await connectClient(settings).then(
      async (connection) => {
        await connection.close();
        return { state: 'external' as const, address };
      },
      (error: unknown) => {
        return { state: 'external' as const, address, problem: reportOf(error).message };
      },
    );
  } catch (error) {
    return { state: 'misconfigured', problem: reportOf(error).message };
  }
}

async function executableIn({
  env,
  cacheDir,
  temporalBin,
}: Omit<TemporalProbeContext, 'instance'>): Promise<TemporalFact> {
  if (temporalBin !== undefined) {
    return foundExecutable('variable', temporalBin, versionOf).catch((error: unknown) => ({
      state: 'misconfigured' as const,
      problem: `MAINSPRING_TEMPORAL_BIN: ${reportOf(error).message}`,
    }));
  }
  const reasons: string[] = [];
  const onPathFile = onPath('temporal', env);
  const candidates = [
    ...(onPathFile === undefined ? [] : [foundExecutable('path', onPathFile, recentVersionOf)]),
    ...packagedPaths().map((file) => foundExecutable('package', file, versionOf)),
    ...cachedPaths(cacheDir).map((file) => foundExecutable('cache', file, verifyCached)),
  ];
  for (const candidate of await Promise.allSettled(candidates)) {
    if (candidate.status === 'fulfilled') return candidate.value;
    const reason: unknown = candidate.reason;
    if (!(reason instanceof ExecutableNotFound)) reasons.push(reportOf(reason).message);
  }
  // `downloadArchive` knows the archive of this platform only.
  const canDownload = process.platform === 'linux' && process.arch === 'x64';
  const go = await goVersion(env);
  return { state: 'absent', ...(go !== undefined && { go }), canDownload, reasons };
}

async function foundExecutable(
  source: 'variable' | 'path' | 'package' | 'cache',
  file: string,
  version: (file: string) => Promise<string>,
): Promise<TemporalFact> {
  return { state: 'executable', source, file, version: await version(file) };
}

async function recentVersionOf(file: string): Promise<string> {
  const version = await versionOf(file);
  if (!isNewEnough(version)) throw new Error(`${file} is ${version}, older than ${MIN_VERSION}`);
  return version;
}

async function goVersion(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const go = onPath('go', env);
  if (go === undefined) return undefined;
  const { stdout } = await runProbe(go, ['env', 'GOVERSION'], { env, timeoutMs: TOOL_TIMEOUT_MS });
  return /go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
}

function accepts(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({
      host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
      port: Number(address.slice(colon + 1)),
      timeout: CONNECT_TIMEOUT_MS,
    });
    const settle = (accepted: boolean) => {
      socket.destroy();
      resolve(accepted);
    };
    socket.once('connect', () => settle(true));
    for (const event of ['error', 'timeout']) socket.once(event, () => settle(false));
  });
}
