import {
  findPython,
  findUv,
  makesEnvironments,
  OLDEST_PYTHON,
  onPath,
} from '../../programs/python/python-tools';
import { type PythonFact, type ToolFact } from '../facts';
import { inTime } from './in-time';
import { probeFile } from './tool';

/** The Python that environments are created with, found as installations find it. */
export async function probePython(env: NodeJS.ProcessEnv): Promise<PythonFact> {
  const found = await inTime(findPython(env));
  if (found && found !== 'late') {
    return {
      state: 'found',
      executable: found.executable,
      version: found.version,
      makesEnvironments: makesEnvironments(found),
      canInstallUv: (found.pip ?? found.bundledPip) !== undefined,
    };
  }
  const file = onPath('python3', env) ?? onPath('python', env);
  if (file === undefined) return { state: 'absent' };
  if (found === 'late') return { state: 'broken', file, reason: 'it is not responding' };
  const unusable = await probeFile(file, env);
  if (unusable.state !== 'found') return unusable;
  const reason = `it is ${unusable.version}, older than ${OLDEST_PYTHON}`;
  return { state: 'broken', file, reason };
}

/** uv on PATH or in the tools folder, found as installations find it. */
export async function probeUv(env: NodeJS.ProcessEnv, home: string): Promise<ToolFact> {
  const found = await inTime(findUv(env, home));
  if (found && found !== 'late') return probeFile(found, env);
  const file = onPath('uv', env);
  if (file === undefined) return { state: 'absent' };
  return {
    state: 'broken',
    file,
    reason: found === 'late' ? 'it is not responding' : 'it is too old',
  };
}
