import { type ConfigChange, type ConfigFile } from '../../offline/origins';
import { type Servers } from '../../client/servers/servers';
import { type CommandContext } from '../command';
import { reportChange, reportProblems } from '../../offline/report-changes';

/** Applies configs to a running instance, and reports the changes. */
export async function applyConfigs(
  { withClient, output }: CommandContext,
  configs: readonly ConfigFile[],
  { wait = false }: { wait?: boolean } = {},
): Promise<void> {
  const { configWarnings } = await import('../../offline/origins.js');
  for (const warning of configWarnings(configs)) output.progress(`Warning: ${warning}`);
  await withClient(async ({ servers }) => {
    const changes = await servers.mergeConfigs(configs);
    await dropVanished(servers, changes, output.progress);
    reportProblems(await servers.sync({ wait }), output.progress);
  });
}

/** Reports the changes, and removes servers that are not in their config anymore. */
export async function dropVanished(
  servers: Servers,
  changes: readonly ConfigChange[],
  progress: (line: string) => void,
): Promise<void> {
  for (const change of changes) reportChange(change, progress);
  reportProblems(await servers.dropVanished(changes), progress);
}
