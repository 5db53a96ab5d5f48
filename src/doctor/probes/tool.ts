import { onPath } from '../../programs/python/python-tools';
import { type ToolFact } from '../facts';
import { TOOL_TIMEOUT_MS } from '../limits';
import { runProbe } from './run-probe';

/** A tool on PATH, with the version that it reports. */
export async function probeTool(name: string, env: NodeJS.ProcessEnv): Promise<ToolFact> {
  const file = onPath(name, env);
  return file === undefined ? { state: 'absent' } : probeFile(file, env);
}

export async function probeFile(file: string, env: NodeJS.ProcessEnv): Promise<ToolFact> {
  const answer = await runProbe(file, ['--version'], { env, timeoutMs: TOOL_TIMEOUT_MS });
  const version = /\d+\.\d+(?:\.\d+)?/.exec(answer.stdout)?.[0];
  if (answer.ok && version !== undefined) return { state: 'found', file, version };
  const reason = answer.reason || 'it does not report its version';
  return { state: 'broken', file, reason };
}
