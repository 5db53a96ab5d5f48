import path from 'node:path';
import { type Settings } from '../../config';
import { MainspringError } from '../../base/errors';
import { type ServerSummary } from '../../domain/servers/status';
import { type Instance } from '../../offline/instance';
import { type Role, ROLES } from '../../roles/role-names';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { detach } from '../actions/detach';
import { EXIT } from '../exit-codes';
import { infoOf } from '../text/info-text';
import { firstLine } from '../text/install-text';
import { unlessInterrupted } from '../interrupt';
import { collect } from '../options/parse';
import { durationText, stateText } from '../text/table';
import { mentionLegacyConfig } from '../actions/mention-legacy-config';
import { watchConfigs } from '../actions/watch-configs';

export interface UpOptions extends GlobalOptions {
  config: string[];
  detach?: boolean;
  watch?: boolean;
  roles: string;
  separate?: boolean;
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
    .option('--separate', 'Run each role in its own process; without, they share one')
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
  const configs = options.config.map((file) => path.resolve(file));
  if (configs.length > 0 && !roles.has('worker')) {
    output.progress('--config has no effect without the worker role.');
  }
  const started: ServerSummary[] = [];
  const running = await startInstance({
    settings,
    roles,
    configs,
    separate: options.separate === true,
    env: process.env,
    headless: !options.ui,
    onProgress: output.progress,
    onServer: (server) => {
      output.progress(serverLine(server, output.fancy));
      if (server.state === 'RUNNING') started.push(server);
    },
    signal: interrupted,
  });
  try {
    const settled = running.settled.then(() => true);
    if (!(await unlessInterrupted(settled, interrupted)))
      throw new MainspringError('START_INTERRUPTED', 'Interrupted during startup.');
    const { instance } = running;
    const text = readyText(instance, Date.now() - startedAt, started);
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
