import {
  checkInventory,
  type ConfigChange,
  configWarnings,
  mergeConfigs,
  readConfigFiles,
} from '../offline/origins';
import { type StartReport } from './orders';

/** Merges configs into the inventory, which needs no Temporal; throws when one of them cannot be used. */
export async function prepareServers(
  home: string,
  files: readonly string[],
  report: (report: StartReport) => void,
): Promise<ConfigChange[]> {
  const configs = await readConfigFiles(files);
  for (const warning of configWarnings(configs)) {
    report({ report: 'line', text: `Warning: ${warning}` });
  }
  await checkInventory(home);
  return mergeConfigs(home, configs);
}
