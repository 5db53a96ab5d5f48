import { type CommandModule } from '../command';

interface CommandEntry {
  description: string;
  /** Loads its options and its action, which only the command that was given needs. */
  load: () => Promise<CommandModule>;
}

const command = (description: string, load: CommandEntry['load']): CommandEntry => ({
  description,
  load,
});

/** Every command, in the order of `--help`. */
export const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  up: command(
    'Start Mainspring: Temporal, a control worker, a host and the MCP endpoint',
    () => import('./up.js'),
  ),
  down: command(
    'Stop the running instance; servers that were running start again on the next up',
    () => import('./down.js'),
  ),
  worker: command(
    'Run a control worker in the foreground (included in up)',
    () => import('./worker.js'),
  ),
  host: command(
    'List hosts, run one in the foreground (included in up), or drain, resume and restart them',
    () => import('./host.js'),
  ),
  api: command('Run the MCP endpoint in the foreground (included in up)', () => import('./api.js')),
  stdio: command(
    'Serve all servers of the running instance over stdio',
    () => import('./stdio.js'),
  ),

  add: command(
    'Add a server and start it; without arguments, open a wizard',
    () => import('./add.js'),
  ),
  remove: command('Stop and remove a server', () => import('./remove.js')),
  list: command('List servers', () => import('./list.js')),
  status: command(
    'Show the status of a server and its latest events, or list all servers',
    () => import('./status.js'),
  ),

  templates: command('List server templates, or show one', () => import('./templates.js')),
  suggest: command(
    'Suggest templates for a task; runs entirely on this machine',
    () => import('./suggest.js'),
  ),
  agent: command(
    'Manage agents: profiles with the servers and tools of an agent file',
    () => import('./agent.js'),
  ),
  profile: command(
    'List profiles, or show what clients of a profile can see',
    () => import('./profile.js'),
  ),

  doctor: command(
    'Check the prerequisites of Mainspring and its servers on this machine',
    () => import('./doctor.js'),
  ),
  install: command(
    'Install server programs from npm, PyPI, bundles, images and local projects',
    () => import('./install.js'),
  ),
  outdated: command('Check installed programs for newer versions', () => import('./outdated.js')),
  upgrade: command(
    'Install another version of a server program, validate it and switch to it',
    () => import('./upgrade.js'),
  ),

  test: command(
    'Run a quick test of a server: start, handshake and listings (validate runs more checks)',
    () => import('./test.js'),
  ),
  validate: command(
    'Run all checks against a server, in a separate instance',
    () => import('./validate.js'),
  ),
  setup: command(
    'Import a config, then install, test and monitor its servers',
    () => import('./setup.js'),
  ),

  login: command(
    'Log in to a remote server that requires OAuth, and connect to it',
    () => import('./login.js'),
  ),
  logout: command('Log out of a remote server and delete its tokens', () => import('./logout.js')),

  start: command(
    'Start one or more servers and wait until they are ready',
    () => import('./start.js'),
  ),
  stop: command(
    'Stop one or more servers; calls in flight get time to finish',
    () => import('./stop.js'),
  ),
  restart: command(
    'Restart one or more servers; calls wait until the restart is done',
    () => import('./restart.js'),
  ),
  reload: command(
    'Reload config files; unchanged servers are not affected',
    () => import('./reload.js'),
  ),
  enable: command('Allow one or more disabled servers to start again', () => import('./enable.js')),
  disable: command(
    'Stop one or more servers and prevent them from starting',
    () => import('./disable.js'),
  ),

  breaker: command('Open or close the circuit breaker of a server', () => import('./breaker.js')),
  quarantine: command(
    'Refuse calls to a server while it keeps running',
    () => import('./quarantine.js'),
  ),
  release: command('End the quarantine of a server', () => import('./release.js')),
  maintenance: command(
    'Take a running server out of service: calls wait or are refused',
    () => import('./maintenance.js'),
  ),
  approve: command(
    'Review and approve changed tool definitions of a server',
    () => import('./approve.js'),
  ),

  import: command(
    'Import servers from another program, with a preview of the changes',
    () => import('./import.js'),
  ),
  export: command(
    "Convert servers to another program's config format",
    () => import('./export.js'),
  ),

  health: command('Show server health', () => import('./health.js')),
  top: command('Show a live table of all servers', () => import('./top.js')),
  monitor: command(
    'Monitor servers for a period of time and write a report',
    () => import('./monitor.js'),
  ),
  alerts: command('List alert receivers, or send a test alert', () => import('./alerts.js')),

  tools: command(
    'List the tools of a server, or search the tools of all servers',
    () => import('./tools.js'),
  ),
  call: command(
    'Call a tool; the call continues if this terminal closes',
    () => import('./call.js'),
  ),
  result: command('Wait for the result of a call and print it', () => import('./result.js')),
  calls: command('List calls, newest first', () => import('./calls.js')),
  cancel: command('Cancel a call', () => import('./cancel.js')),

  logs: command('Show the logs of a server (its stderr)', () => import('./logs.js')),
  events: command('Show server events', () => import('./events.js')),
  meta: command(
    'Show or set custom metadata of a server; an empty value removes a key',
    () => import('./meta.js'),
  ),
  ui: command('Print the URL of the Temporal UI', () => import('./ui.js')),
  info: command(
    'Show the addresses and processes of the running instance',
    () => import('./info.js'),
  ),

  help: command('Show help for a command', () => import('./help.js')),
};
