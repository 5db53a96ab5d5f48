import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { MainspringError } from '../base/errors';
import { hasCode, writeDurably } from '../base/durable-file';
import { isAlive } from '../process/process-identity';
import { livingHosts } from '../process/sweep';

const instanceSchema = z.object({
  version: z.string(),
  /** Process of `up`, which owns the instance. */
  owner: z.object({ pid: z.number(), startTime: z.number().optional() }),
  isReady: z.boolean(),
  temporal: z.object({
    address: z.string(),
    namespace: z.string(),
    uiUrl: z.string().optional(),
  }),
  /** Base URL of the MCP endpoint, when this instance runs it. */
  apiUrl: z.string().optional(),
  pids: z.object({
    up: z.number(),
    temporal: z.number().optional(),
    worker: z.number().optional(),
    hosts: z.record(z.string(), z.number()),
    api: z.number().optional(),
  }),
});

/** State that `up` writes into the data directory, so that every other command finds the instance. */
export type Instance = z.infer<typeof instanceSchema>;

const instanceFile = (home: string) => path.join(home, 'instance.json');

/** The instance that is running on this data directory, if any. */
export async function readInstance(home: string): Promise<Instance | undefined> {
  try {
    const instance = instanceSchema.parse(JSON.parse(await readFile(instanceFile(home), 'utf8')));
    return isRunning(instance) ? instance : undefined;
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError || error instanceof z.ZodError) {
      return undefined; // never started, or a file of another version: there is no instance to find
    }
    throw error;
  }
}

/** The instance that is running on this data directory; NOT_RUNNING when there is none. */
export async function runningInstance(home: string): Promise<Instance> {
  const instance = await readInstance(home);
  if (instance) return instance;
  throw new MainspringError(
    'NOT_RUNNING',
    `Mainspring is not running on the data directory ${home}.`,
  );
}

/** Whether the `up` process of this instance is still alive. */
export function isRunning({ owner }: Instance): boolean {
  return isAlive(owner);
}

/** Pids of the hosts of the data directory by id, including hosts that were started by hand. */
export function hostPids(home: string, { pids }: Instance): Record<string, number> {
  return { ...pids.hosts, ...livingHosts(home) };
}

export async function writeInstance(home: string, instance: Instance): Promise<void> {
  await writeDurably(instanceFile(home), `${JSON.stringify(instance, null, 2)}\n`);
}
