import { type Settings } from '../../config';
import { MainspringError } from '../../domain/errors';
import { type ServerSummary } from '../../domain/status';
import { type ConfigFile } from '../../client/origins';
import { type Role, ROLES } from '../../roles/role-names';
import { type RunningInstance } from '../../roles/up';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { detach } from '../detach';
import { EXIT } from '../exit-codes';
import { infoOf } from '../info-text';
import { durationText, stateText } from '../table';
import { followUntilSettled } from '../settle';
import { reportChange } from './reload';

export interface UpOptions extends GlobalOptions {
  config: string[];
  detach?: boolean;
  roles: string;
  temporalPort?: string;
  uiPort?: string;
  hostId?: string;
  ui: boolean;
}

export const up = (run: Run) =>
  defineCommand(
    'up',
    'start Mainspring on this machine: Temporal, a control worker and a host',
    'mainspring up --config examples/quickstart.json',
  )
    .option('--config <file>', 'config file with servers; may be repeated', collect, [])
    .option('--detach', 'go on in the background')
    .option('--roles <list>', 'parts to run', ROLES.join(','))
    .option('--temporal-port <port>', 'MAINSPRING_TEMPORAL_PORT; 0 is any free one')
    .option('--ui-port <port>', 'MAINSPRING_UI_PORT; 0 is any free one')
    .option('--host-id <id>', 'MAINSPRING_HOST_ID')
    .option('--no-ui', 'without the Temporal UI')
    .action((options: UpOptions) =>
      run(options, async (context) => {
        const settings = context.settings({
          temporalPort: options.temporalPort,
          uiPort: options.uiPort,
          hostId: options.hostId,
        });
        const roles = parseRoles(options.roles);
        if (options.detach) return detach(context, settings);
        return runInForeground(context, settings, roles, options);
      }),
    );

async function runInForeground(
  context: CommandContext,
  settings: Settings,
  roles: ReadonlySet<Role>,
  options: UpOptions,
): Promise<number> {
  const { output, interrupted } = context;
  const startedAt = Date.now();
  const { startInstance } = await import('../../roles/up.js');
  const { readConfigFiles } = await import('../../client/origins.js');
  // Before anything is started: a mistake in a file should cost no time.
  const configs = await readConfigFiles(options.config);
  const running = await startInstance({
    settings,
    roles,
    env: process.env,
    headless: !options.ui,
    onProgress: output.progress,
    signal: interrupted,
  });
  try {
    if (roles.has('worker') && !interrupted.aborted) {
      await startServers(context, configs, running);
    }
    await running.markReady();
    const { instance } = running;
    output.answer(infoOf(settings.home, instance), readyText(instance.temporal.uiUrl, startedAt));
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      else interrupted.addEventListener('abort', () => resolve());
    });
  } finally {
    output.progress('Stopping …');
    await running.stop();
  }
  output.progress('Stopped. The servers come back with the next up.');
  return EXIT.ok;
}

async function startServers(
  { withClient, output, interrupted }: CommandContext,
  configs: ConfigFile[],
  running: RunningInstance,
): Promise<void> {
  await withClient(async ({ servers }) => {
    const changes = await servers.mergeConfigs(configs);
    for (const change of changes) reportChange(change, output.progress);
    for (const { name, change } of changes) if (change === 'vanished') await servers.remove(name);
    await servers.sync();
    await running.markReady(); // from now on calls wait for servers that are still starting
    for await (const server of followUntilSettled(servers, interrupted)) {
      output.progress(serverLine(server, output.fancy));
    }
  });
}

function serverLine({ name, state, reason, tools }: ServerSummary, fancy: boolean): string {
  const detail = state === 'RUNNING' ? `${tools ?? 0} tools` : reason;
  return `  ${stateText(state, fancy)} ${name} (${detail})`;
}

function readyText(uiUrl: string | undefined, startedAt: number): string {
  return [
    `Mainspring is up after ${durationText(Date.now() - startedAt)}.`,
    ...(uiUrl ? [`Temporal UI: ${uiUrl}`] : []),
    'Try next, in another terminal:',
    '  npx mainspring list',
    '  npx mainspring tools everything',
    '  npx mainspring call everything get-sum a=2 b=3',
    'Ctrl-C stops it.',
  ].join('\n');
}

function parseRoles(text: string): Set<Role> {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !ROLES.some((role) => role === name));
  if (unknown.length > 0 || names.length === 0) {
    const message = `--roles: expected some of ${ROLES.join(', ')}, got "${text}"`;
    throw new MainspringError('WRONG_USAGE', message);
  }
  return new Set(ROLES.filter((role) => names.includes(role)));
}

function collect(file: string, files: string[]): string[] {
  return [...files, file];
}
