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
    'start Mainspring on this machine: Temporal, a control worker, a host and the MCP endpoint',
    () => import('./up.js'),
  ),
  down: command(
    'stop the running instance; servers that were running start again on the next up',
    () => import('./down.js'),
  ),
  worker: command(
    'run a control worker in this terminal (up does it for you)',
    () => import('./worker.js'),
  ),
  host: command(
    'show the hosts, run one in this terminal (up does it for you), or drain those that run',
    () => import('./host.js'),
  ),
  api: command(
    'run the MCP endpoint in this terminal (up does it for you)',
    () => import('./api.js'),
  ),
  stdio: command(
    'serve all servers of the running instance over stdio',
    () => import('./stdio.js'),
  ),

  add: command(
    'add a server and start it; without arguments, answer questions',
    () => import('./add.js'),
  ),
  remove: command('stop a server and forget it', () => import('./remove.js')),
  list: command('show the servers', () => import('./list.js')),
  status: command('show one server with its last transitions, or all', () => import('./status.js')),

  templates: command(
    'show the templates that servers can be added from, or one of them',
    () => import('./templates.js'),
  ),
  suggest: command(
    'find templates for what you want to do (nothing leaves this machine)',
    () => import('./suggest.js'),
  ),
  agent: command(
    'attach an agent file: a profile of the servers and tools that it uses',
    () => import('./agent.js'),
  ),
  profile: command(
    'show the profiles that clients can connect to, and what they see there',
    () => import('./profile.js'),
  ),

  doctor: command(
    'check what Mainspring and its servers need on this machine',
    () => import('./doctor.js'),
  ),
  install: command(
    'install the programs of servers: npm, PyPI, bundles, images, local projects',
    () => import('./install.js'),
  ),
  outdated: command(
    'compare the installed programs with the newest versions',
    () => import('./outdated.js'),
  ),
  upgrade: command(
    'install another version of a server’s program, try it out, and switch to it',
    () => import('./upgrade.js'),
  ),

  test: command(
    'try a server quickly: it starts, speaks MCP and lists what it has; validate does more',
    () => import('./test.js'),
  ),
  validate: command(
    'prove that servers work, in instances of their own',
    () => import('./validate.js'),
  ),
  setup: command(
    'import a config, install, test and watch its servers, in one go',
    () => import('./setup.js'),
  ),

  login: command(
    'log in to a remote server that asks for it (OAuth), and connect it',
    () => import('./login.js'),
  ),
  logout: command('end the access to a remote server, and forget it', () => import('./logout.js')),

  start: command('start servers and wait until they answer', () => import('./start.js')),
  stop: command(
    'stop servers: calls in flight finish, nothing stays behind',
    () => import('./stop.js'),
  ),
  restart: command('restart servers; calls wait meanwhile', () => import('./restart.js')),
  reload: command(
    'read the config files again; unchanged servers are left alone',
    () => import('./reload.js'),
  ),
  enable: command('allow servers to start again', () => import('./enable.js')),
  disable: command('stop servers and keep them from starting', () => import('./disable.js')),

  breaker: command(
    'open or close the circuit breaker of a server by hand',
    () => import('./breaker.js'),
  ),
  quarantine: command(
    'refuse the calls of a server, which goes on running',
    () => import('./quarantine.js'),
  ),
  release: command('end the quarantine of a server', () => import('./release.js')),
  maintenance: command(
    'take a server out of service while it goes on running: calls wait, or are refused',
    () => import('./maintenance.js'),
  ),
  approve: command(
    'look at what has changed in the tools of a server, and approve it',
    () => import('./approve.js'),
  ),

  import: command(
    'take over servers from another program; shows first what would change',
    () => import('./import.js'),
  ),
  export: command('write servers in the words of another program', () => import('./export.js')),

  health: command('show server health', () => import('./health.js')),
  top: command('watch all servers in a live table', () => import('./top.js')),
  monitor: command(
    'watch the servers for a while, and write a report',
    () => import('./monitor.js'),
  ),
  alerts: command(
    'list who is told when servers fail and recover, or send a test',
    () => import('./alerts.js'),
  ),

  tools: command(
    'show the tools of a server, or search those of all servers',
    () => import('./tools.js'),
  ),
  call: command('call a tool; the call survives this terminal', () => import('./call.js')),
  result: command('wait for the result of a call, from any terminal', () => import('./result.js')),
  calls: command('show the calls, newest first', () => import('./calls.js')),
  cancel: command('cancel a call', () => import('./cancel.js')),

  logs: command('show what a server wrote to stderr', () => import('./logs.js')),
  events: command('show what happened to the servers', () => import('./events.js')),
  meta: command(
    'show or set the free metadata of a server (an empty value removes a key)',
    () => import('./meta.js'),
  ),
  ui: command('print the address of the Temporal UI', () => import('./ui.js')),
  info: command('show where the running instance is', () => import('./info.js')),

  help: command('show the help of a command', () => import('./help.js')),
};
