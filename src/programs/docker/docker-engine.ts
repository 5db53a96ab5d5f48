import { onPath, outputOf } from '../python/python-tools';

/** podman takes the same command lines. */
const ENGINES = ['docker', 'podman'];

export type Engine =
  | { file: string }
  /** Names of clients that are there, whose engine does not answer. */
  | { silent: string[] };

/** The first engine that answers. */
export async function findEngine(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Engine> {
  const silent: string[] = [];
  for (const name of ENGINES) {
    const file = onPath(name, env);
    if (file === undefined) continue;
    if ((await outputOf(file, ['ps', '--quiet'], env)) !== undefined) return { file };
    silent.push(name);
  }
  return { silent };
}
