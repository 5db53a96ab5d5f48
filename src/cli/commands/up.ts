import { type Settings } from '../../config';
import { MainspringError } from '../../base/errors';
import { type ServerSummary } from '../../domain/servers/status';
import { type Instance } from '../../offline/instance';
import { type ConfigChange, type ConfigFile } from '../../offline/origins';
import { type Role, ROLES } from '../../roles/role-names';
import { type RunningInstance } from '../../roles/up';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { detach } from '../actions/detach';
import { EXIT } from '../exit-codes';
import { infoOf } from '../text/info-text';
import { firstLine } from '../text/install-text';
import { unlessInterrupted } from '../interrupt';
import { collect } from '../options/parse';
import { durationText, stateText } from '../text/table';
import { followUntilSettled } from '../actions/settle';
import { mentionLegacyConfig } from '../actions/mention-legacy-config';
import { watchConfigs } from '../actions/watch-configs';
import { dropVanished } from '../actions/apply-configs';
import { reportProblems } from './reload';

export interface UpOptions extends GlobalOptions {
  config: string[];
  detach?: boolean;
  watch?: boolean;
  roles: string;
  temporalPort?: string;
  uiPort?: string;
  port?: string;
  listen?: string;
  hostId?: string;
  ui: boolean;
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring up --config examples/quickstart.json')
    .option('--config <file>', 'config file with servers; may be repeated', collect, [])
    .option('--detach', 'run in the background')
    .option('--watch', 'reload by itself when a config or .env file has changed')
    .option('--roles <list>', 'parts to run', ROLES.join(','))
    .option('--temporal-port <port>', 'MAINSPRING_TEMPORAL_PORT; 0 picks a free port')
    .option('--ui-port <port>', 'MAINSPRING_UI_PORT; 0 picks a free port')
    .option('--port <port>', 'of the MCP endpoint: MAINSPRING_PORT; 0 picks a free port')
    .option('--listen <address>', 'of the MCP endpoint: MAINSPRING_LISTEN; default 127.0.0.1')
    .option('--host-id <id>', 'MAINSPRING_HOST_ID')
    .option('--no-ui', 'without the Temporal UI')
    .action((options: UpOptions) =>
      run(
        options,
        async (context) => {
          const settings = context.settings({
            temporalPort: options.temporalPort,
            uiPort: options.uiPort,
            apiPort: options.port,
            apiHost: options.listen,
            hostId: options.hostId,
          });
          const roles = parseRoles(options.roles);
          if (options.detach) return detach(context, settings, options.config);
          return runInForeground(context, settings, roles, options);
        },
        { handlesInterrupt: true },
      ),
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
  const { checkInventory, configWarnings, mergeConfigs, readConfigFiles } =
    await import('../../offline/origins.js');
  // Before anything is started: a mistake in a file should cost no time.
  const configs = await readConfigFiles(options.config);
  for (const warning of configWarnings(configs)) output.progress(`Warning: ${warning}`);
  await checkInventory(settings.home);
  let changes: ConfigChange[] = [];
  const running = await startInstance({
    settings,
    roles,
    env: process.env,
    headless: !options.ui,
    prepare: async () => {
      if (roles.has('worker')) changes = await mergeConfigs(settings.home, configs);
    },
    onProgress: output.progress,
    signal: interrupted,
  });
  try {
    const starting = startServers(context, { configs, changes, running, roles });
    const servers = await unlessInterrupted(starting, interrupted);
    if (!servers) throw new MainspringError('START_INTERRUPTED', 'Stopped while starting.');
    const { instance } = running;
    const text = readyText(instance, Date.now() - startedAt, servers);
    output.answer(await infoOf(settings.home, instance), text);
    await mentionLegacyConfig(output, settings.home);
    if (options.watch) await watchConfigs(context, options.config);
    await new Promise<void>((resolve) => {
      if (interrupted.aborted) resolve();
      else interrupted.addEventListener('abort', () => resolve());
    });
  } finally {
    output.progress('Stopping …');
    await running.stop();
  }
  output.progress('Stopped. Servers that were running start again on the next `up`.');
  return EXIT.ok;
}

interface Starting {
  configs: ConfigFile[];
  /** What they have changed in the inventory. */
  changes: ConfigChange[];
  running: RunningInstance;
  roles: ReadonlySet<Role>;
}

/** Makes the servers known to Temporal and, with a host to run them, waits for them; returns those that run. */
async function startServers(
  { withClient, output, interrupted }: CommandContext,
  { configs, changes, running, roles }: Starting,
): Promise<ServerSummary[]> {
  const started: ServerSummary[] = [];
  if (!roles.has('worker')) {
    if (configs.length > 0) output.progress('--config has no effect without the role worker.');
    await running.markReady();
    return started;
  }
  await withClient(async ({ servers }) => {
    await dropVanished(servers, changes, output.progress);
    reportProblems(await servers.sync(), output.progress);
    await running.markReady(); // from now on calls wait for servers that are still starting
    if (!roles.has('host')) return;
    for await (const server of followUntilSettled(servers, interrupted)) {
      output.progress(serverLine(server, output.fancy));
      if (server.state === 'RUNNING') started.push(server);
    }
  });
  return started;
}

function serverLine({ name, state, reason, tools }: ServerSummary, fancy: boolean): string {
  const detail = state === 'RUNNING' ? `${tools ?? 0} tools` : firstLine(reason);
  return `  ${stateText(state, fancy)} ${name} (${detail})`;
}

function readyText(
  { apiUrl, temporal: { uiUrl } }: Instance,
  tookMs: number,
  running: ServerSummary[],
): string {
  return [
    `Mainspring is up after ${durationText(tookMs)}.`,
    ...(apiUrl ? [`MCP endpoint: ${apiUrl}/mcp`] : []),
    ...(uiUrl ? [`Temporal UI: ${uiUrl}`] : []),
    'Try next, in another terminal:',
    ...nextCommands(running.map(({ name }) => name)).map(
      (command) => `  npx mainspring ${command}`,
    ),
    'Ctrl-C stops it.',
  ].join('\n');
}

/** With a call that works as printed for the server of the quickstart. */
function nextCommands(running: string[]): string[] {
  const [first] = running;
  if (first === undefined) return ['add <name> -- <command> [args…]', 'list', 'status <name>'];
  if (running.includes('everything')) {
    return ['list', 'tools everything', 'call everything get-sum a=2 b=3'];
  }
  return ['list', `tools ${first}`, `call ${first} <tool> key=value…`];
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
