import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Logger } from 'pino';
import { canonicalJson } from '../../domain/canonical-json';
import { type GatewayPolicy } from '../../domain/gateway-policy';
import { POLICY_WATCH_INTERVAL_MS } from '../../domain/limits';
import { hasCode } from '../../durable-file';
import { keyFiles, resolveGatewayPolicy } from '../../inventory/gateway-policy';
import { readInventory } from '../../inventory/inventory';
import { secretsFile } from '../../inventory/secrets-file';
import { lookUpVariables, type Variables } from '../../inventory/variables';

/** What the configs of a data directory say of who may use the gateway, as it is now. */
export interface PolicyWatch {
  current(): GatewayPolicy;
  close(): void;
}

/**
 * Reads the policy, and reads it again soon after the inventory, `secrets.env` or the file of a key has changed. What cannot be
 * read later changes nothing and is logged.
 *
 * @throws what `resolveGatewayPolicy` throws, at first
 */
export async function watchPolicy(
  home: string,
  logger: Pick<Logger, 'info' | 'error'>,
  env: Readonly<Variables> = process.env,
): Promise<PolicyWatch> {
  let known = await read(home, env);
  let isBusy = false;
  const look = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      const version = await versionOf(known.files);
      if (version === known.version) return;
      known = { ...known, version }; // a broken one is told once
      const before = canonicalJson({ ...known.policy });
      known = await read(home, env);
      if (canonicalJson({ ...known.policy }) !== before)
        logger.info('the gateway has a new policy');
    } catch (error) {
      logger.error({ error }, 'the gateway keeps its policy: the new one cannot be used');
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void look(), POLICY_WATCH_INTERVAL_MS).unref();
  return { current: () => known.policy, close: () => clearInterval(timer) };
}

interface Known {
  policy: GatewayPolicy;
  files: string[];
  version: string;
}

async function read(home: string, env: Readonly<Variables>): Promise<Known> {
  const inventory = await readInventory(home);
  const files = [path.join(home, 'inventory.json'), secretsFile(home), ...keyFiles(inventory)];
  const version = await versionOf(files); // before their content, so that no change is missed
  const variables = await lookUpVariables({}, env, home);
  return { policy: await resolveGatewayPolicy(inventory, variables), files, version };
}

async function versionOf(files: readonly string[]): Promise<string> {
  const versions = files.map(async (file) => {
    try {
      const { ino, mtimeNs, size } = await stat(file, { bigint: true });
      return [ino, mtimeNs, size].join(':');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return 'none';
      throw error;
    }
  });
  return (await Promise.all(versions)).join(' ');
}
