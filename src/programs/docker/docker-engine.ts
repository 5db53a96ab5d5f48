import { onPath, outputOf } from '../python/python-tools';

/** Commands of engines; podman takes the same command lines. */
const ENGINES = ['docker', 'podman'];

export type Engine =
  | { file: string }
  /** Names of installed clients whose engine does not respond. */
  | { unresponsive: string[] };

/** Returns the first engine that responds. */
export async function findEngine(
  env: Readonly<Record<string, string | undefined>>,
): Promise<Engine> {
  const unresponsive: string[] = [];
  for (const name of ENGINES) {
    const file = onPath(name, env);
    if (file === undefined) continue;
    if ((await outputOf(file, ['ps', '--quiet'], env)) !== undefined) return { file };
    unresponsive.push(name);
  }
  return { unresponsive };
}
