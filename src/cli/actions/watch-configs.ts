import path from 'node:path';
import { type ConfigFile } from '../../offline/origins';
import { reportOf } from '../../base/errors';
import { type CommandContext } from '../command';
import { applyConfigs } from './apply-configs';

/** Reloads automatically when a config of the instance, or a file with variables for it, has changed. */
export async function watchConfigs(
  context: CommandContext,
  configs: readonly string[],
): Promise<void> {
  const { settings, interrupted: signal } = context;
  const { home } = settings();
  const { watchedFiles } = await import('../../offline/origins.js');
  const { watchFiles } = await import('../../roles/watch-files.js');
  const given = configs.map((file) => path.resolve(file));
  await watchFiles({
    list: () => watchedFiles(home, given),
    listFile: path.join(home, 'inventory.json'),
    onChange: (changed) => reloadChanged(context, changed, given),
    signal,
  });
}

async function reloadChanged(
  context: CommandContext,
  changed: readonly string[],
  given: readonly string[],
): Promise<void> {
  const { output, settings } = context;
  try {
    output.progress(`Changed: ${changed.map((file) => path.basename(file)).join(', ')}`);
    const { configFiles } = await import('../../offline/origins.js');
    const files = await configFiles(settings().home, given);
    const configs = await readable(
      files.filter((file) => changed.includes(file)),
      output.progress,
    );
    await applyConfigs(context, configs, { wait: true });
  } catch (error) {
    output.progress(keptText(error));
  }
}

/** Reads the valid files: one that is invalid now, perhaps half written, does not affect the others. */
async function readable(
  files: readonly string[],
  progress: (line: string) => void,
): Promise<ConfigFile[]> {
  const { readConfigFiles } = await import('../../offline/origins.js');
  const configs: ConfigFile[] = [];
  for (const file of files) {
    try {
      configs.push(...(await readConfigFiles([file])));
    } catch (error) {
      progress(keptText(error));
    }
  }
  return configs;
}

function keptText(error: unknown): string {
  const { code, message } = reportOf(error);
  const [first = '', ...more] = message.split('\n');
  const others = more.length > 0 ? ` (and ${more.length} more)` : '';
  return `Nothing was changed: [${code}] ${first}${others}`;
}
