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
import { reportProblems } from '../actions/report-changes';

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
    .option('--config <file>', 'Config file with servers (repeatable)', collect, [])
    .option('--detach', 'Run in the background')
    .option('--watch', 'Reload when a config or .env file changes')
    .option('--roles <list>', 'Comma-separated list of roles to run', ROLES.join(','))
    .option(
      '--temporal-port <port>',
      'Port of Temporal; 0 picks a free port (default: 7233, env: MAINSPRING_TEMPORAL_PORT)',
    )
    .option(
      '--ui-port <port>',
      'Port of the Temporal UI; 0 picks a free port (default: 8233, env: MAINSPRING_UI_PORT)',
    )
    .option(
      '--port <port>',
      'Port of the MCP endpoint; 0 picks a free port (default: 7420, env: MAINSPRING_PORT)',
    )
    .option(
      '--listen <address>',
      'Address of the MCP endpoint (default: 127.0.0.1, env: MAINSPRING_LISTEN)',
    )
    .option('--host-id <id>', 'ID of the host (default: machine name, env: MAINSPRING_HOST_ID)')
    .option('--no-ui', 'Do not start the Temporal UI')
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
    if (!servers) throw new MainspringError('START_INTERRUPTED', 'Interrupted during startup.');
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
    output.progress('Stopping…');
    await running.stop();
  }
  output.progress('Stopped. Servers that were running start again on the next `up`.');
  return EXIT.ok;
}

interface Starting {
  configs: ConfigFile[];
  /** Changes of the configs in the inventory. */
  changes: ConfigChange[];
  running: RunningInstance;
  roles: ReadonlySet<Role>;
}

/** Registers the servers with Temporal and, with a host to run them, waits for them; returns those that run. */
async function startServers(
  { withClient, output, interrupted }: CommandContext,
  { configs, changes, running, roles }: Starting,
): Promise<ServerSummary[]> {
  const started: ServerSummary[] = [];
  if (!roles.has('worker')) {
    if (configs.length > 0) output.progress('--config has no effect without the worker role.');
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
  const detail =
    state === 'RUNNING' ? `${tools ?? 0} ${tools === 1 ? 'tool' : 'tools'}` : firstLine(reason);
  return `  ${stateText(state, fancy)} ${name} (${detail})`;
}

function readyText(
  { apiUrl, temporal: { uiUrl } }: Instance,
  tookMs: number,
  running: ServerSummary[],
): string {
  return [
    `Mainspring is up (started in ${durationText(tookMs)}).`,
    ...(apiUrl ? [`MCP endpoint: ${apiUrl}/mcp`] : []),
    ...(uiUrl ? [`Temporal UI: ${uiUrl}`] : []),
    'Try these commands in another terminal:',
    ...nextCommands(running.map(({ name }) => name)).map(
      (command) => `  npx mainspring ${command}`,
    ),
    'Press Ctrl-C to stop.',
  ].join('\n');
}

/** Returns the commands to try next, with a call that works as printed for the server of the quickstart. */
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
