import { loadSettings } from '../../config';
import { MainspringError } from '../../base/errors';
import { type InstallerIo } from '../installer';
import { environmentFiles, type PythonBackend } from './python-environment';
import { createPip } from './python-pip';
import { findPython, findUv, makesEnvironments, OLDEST_PYTHON } from './python-tools';
import { createUv } from './python-uv';

/** Uses uv when it is installed, otherwise pip. */
export async function pythonBackend(folder: string, io: InstallerIo): Promise<PythonBackend> {
  const { home } = loadSettings(io.env);
  const [uv, python] = await Promise.all([findUv(io.env, home), findPython(io.env)]);
  const files = environmentFiles(folder);
  if (uv !== undefined) return createUv(uv, python, files, io);
  if (python && makesEnvironments(python)) return createPip(python, files, io);
  const message =
    python === undefined
      ? `Neither uv nor Python ${OLDEST_PYTHON} or newer is installed.`
      : `Python ${python.version} cannot create virtual environments: it has no venv or pip, and uv is not installed.`;
  throw new MainspringError('PREREQUISITE_MISSING', message);
}
