import { z } from 'zod';
import { parseForeignJson } from '../../base/foreign-json';
import { onPath } from '../../programs/python/python-tools';
import { type EngineFact } from '../facts';
import { ENGINE_TIMEOUT_MS } from '../limits';
import { runProbe } from './run-probe';

/** Output of `docker version --format '{{json .}}'`; the server is null when no engine responds. */
const versionsSchema = z.object({
  Client: z.object({ Version: z.string() }),
  Server: z.unknown(),
});

/** Checks whether containers can be run: for Docker, the client alone is not enough. */
export async function probeEngine(
  name: 'docker' | 'podman',
  env: NodeJS.ProcessEnv,
): Promise<EngineFact> {
  const file = onPath(name, env);
  if (file === undefined) return { state: 'absent' };
  const limits = { env, timeoutMs: ENGINE_TIMEOUT_MS };
  const answer = await runProbe(file, ['version', '--format', '{{json .}}'], limits);
  const versions = parseVersions(answer.stdout);
  const version = versions?.Client.Version ?? '(unknown version)';
  // Podman runs containers itself on some systems and needs no engine there.
  const isRunning = answer.ok && (name === 'podman' || Boolean(versions?.Server));
  if (isRunning) return { state: 'running', version };
  return {
    state: 'stopped',
    version,
    reason: firstSentence(answer.reason) || 'it is not responding',
    hasDaemon: onPath(`${name}d`, env) !== undefined,
  };
}

function firstSentence(text: string): string {
  return text.split('. ', 1).join('');
}

function parseVersions(text: string): z.infer<typeof versionsSchema> | undefined {
  try {
    return versionsSchema.parse(parseForeignJson(text));
  } catch {
    return undefined; // killed before it printed anything, or another program of that name
  }
}
