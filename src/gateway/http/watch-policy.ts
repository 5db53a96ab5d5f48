import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type Logger } from 'pino';
import { canonicalJson } from '../../base/canonical-json';
import { type MainspringError, reportOf } from '../../base/errors';
import { type GatewayPolicy } from '../../domain/endpoint/gateway-policy';
import { hasCode } from '../../base/durable-file';
import { keyFiles, resolveGatewayPolicy } from '../../inventory/gateway-policy';
import { readInventory } from '../../inventory/inventory';
import { secretsFile } from '../../inventory/references/secrets-file';
import { lookUpVariables, type Variables } from '../../inventory/references/variables';

/** Interval at which the gateway checks its keys and limits for changes. */
const POLICY_WATCH_INTERVAL_MS = 1_000;

/** Current access policy from the configs of a data directory. */
export interface PolicyWatch {
  current(): GatewayPolicy;
  /** Calls the listener after the policy has changed. */
  onChange(listener: () => void): void;
  close(): void;
}

/**
 * Reads the policy, and reads it again soon after the inventory, `secrets.env` or the file of a key
 * has changed. From the second time on, a removed key is no longer accepted, and any other read
 * error keeps the policy; both are logged.
 *
 * @throws the errors of `resolveGatewayPolicy`, the first time
 */
export async function watchPolicy(
  home: string,
  logger: Pick<Logger, 'info' | 'error'>,
  env: Readonly<Variables>,
): Promise<PolicyWatch> {
  let loaded = await loadPolicy(home, env);
  let isBusy = false;
  const listeners: (() => void)[] = [];
  let problem: string | undefined;
  const check = async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      const version = await versionOf(loaded.files);
      if (version === loaded.version) return;
      problem = undefined;
      loaded = { ...loaded, version }; // an invalid policy is reported once
      const before = canonicalJson({ ...loaded.policy });
      loaded = await loadPolicy(home, env, (error) => {
        logger.error({ error }, 'a key was removed and is no longer accepted');
      });
      if (canonicalJson({ ...loaded.policy }) === before) return;
      logger.info('the gateway uses a new policy');
      for (const listener of listeners) listener();
    } catch (error) {
      const { message } = reportOf(error);
      if (message !== problem) {
        logger.error({ error }, 'the gateway keeps its policy because the new one is not valid');
      }
      problem = message;
    } finally {
      isBusy = false;
    }
  };
  const timer = setInterval(() => void check(), POLICY_WATCH_INTERVAL_MS).unref();
  return {
    current: () => loaded.policy,
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

interface LoadedPolicy {
  policy: GatewayPolicy;
  files: string[];
  version: string;
}

async function loadPolicy(
  home: string,
  env: Readonly<Variables>,
  onGone?: (error: MainspringError) => void,
): Promise<LoadedPolicy> {
  const inventory = await readInventory(home);
  const files = [path.join(home, 'inventory.json'), secretsFile(home), ...keyFiles(inventory)];
  const version = await versionOf(files); // read before the content, so that no change is missed
  const variables = await lookUpVariables({}, env, home);
  return { policy: await resolveGatewayPolicy(inventory, variables, onGone), files, version };
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
