import { type HostRestarted, type Hosts } from '../../client/hosts';
import { MainspringError } from '../../base/errors';
import { hostState, type HostStatus } from '../../domain/hosts/hosts';
import { successorsOf } from '../../domain/hosts/placement';
import { type CommandContext } from '../command';
import { EXIT } from '../exit-codes';
import { type Output } from '../terminal/output';
import { durationText, renderTable } from '../text/table';

export const HOST_ACTIONS = ['list', 'run', 'drain', 'resume', 'restart'] as const;
export type HostAction = (typeof HOST_ACTIONS)[number];

interface ActionOptions {
  all?: boolean;
  /** Time for calls in flight, in ms. */
  grace?: number;
}

/** Runs the actions of `mainspring host` on hosts that run. */
export async function actOnHosts(
  context: CommandContext,
  action: Exclude<HostAction, 'run'>,
  id: string | undefined,
  { all = false, grace }: ActionOptions,
): Promise<number> {
  const { withClient, output } = context;
  if (all && action !== 'restart')
    throw wrongHostUsage('--all can only be used with "host restart".');
  if (action === 'list' && id !== undefined)
    throw wrongHostUsage('"host list" does not take a host ID.');
  return withClient(async ({ hosts }) => {
    if (action === 'list') return listHosts(hosts, output);
    const options = { graceMs: grace };
    if (action === 'restart') return restart(hosts, await chosen(hosts, id, all), options, output);
    if (id === undefined) throw wrongHostUsage(`Missing argument: mainspring host ${action} <id>`);
    if (action === 'resume') {
      output.answer(await hosts.resume(id), `${id} accepts servers again.`);
      return EXIT.ok;
    }
    return drain(hosts, id, options, output);
  });
}

async function listHosts(hosts: Hosts, output: Output): Promise<number> {
  const found = await hosts.list();
  const none = 'No hosts. Start one: mainspring up, or mainspring host run';
  output.answer(found, found.length > 0 ? renderHosts(found, output.fancy) : none);
  return EXIT.ok;
}

async function drain(
  hosts: Hosts,
  id: string,
  options: { graceMs?: number },
  output: Output,
): Promise<number> {
  await warnWithoutSuccessor(hosts, id, output);
  const drained = await hosts.drain(id, { ...options, onProgress: progressOf(output) });
  const text = `${id} is drained. To let it accept servers again: mainspring host resume ${id}`;
  output.answer(drained, text);
  return EXIT.ok;
}

async function restart(
  hosts: Hosts,
  ids: string[],
  options: { graceMs?: number },
  output: Output,
): Promise<number> {
  const restarted: HostRestarted[] = [];
  for (const id of ids) {
    await warnWithoutSuccessor(hosts, id, output);
    const done = await hosts.restart(id, { ...options, onProgress: progressOf(output) });
    output.progress(
      done.isBack
        ? `${id} has restarted (pid ${done.pid}).`
        : `${id} has stopped. Start it again yourself: only the host of "mainspring up" restarts automatically.`,
    );
    restarted.push(done);
  }
  output.answer(restarted, '');
  return EXIT.ok;
}

async function chosen(hosts: Hosts, id: string | undefined, all: boolean): Promise<string[]> {
  if (all === (id !== undefined)) {
    throw wrongHostUsage(
      'Expected a host ID or --all: mainspring host restart <id>, or mainspring host restart --all',
    );
  }
  if (id !== undefined) return [id];
  const found = await hosts.list();
  return found.filter(({ presence }) => presence === 'alive').map((host) => host.id);
}

/** Warns when no other host can take over: calls then wait in their queues. */
async function warnWithoutSuccessor(hosts: Hosts, id: string, output: Output): Promise<void> {
  const host = await hosts.get(id);
  const others = successorsOf(host, await hosts.list());
  const hasNothing = host.presence === 'lost' || host.sessions.length === 0;
  if (others.length > 0 || hasNothing) return;
  output.progress(
    `No other host can take over all servers of ${id}. Calls to the remaining servers wait in their queues.`,
  );
}

function progressOf(output: Output) {
  return ({ id, sessions }: HostStatus) => output.progress(`${id}: ${countText(sessions.length)}`);
}

function countText(servers: number): string {
  if (servers === 0) return 'no servers left';
  return servers === 1 ? '1 server left' : `${servers} servers left`;
}

function renderHosts(hosts: readonly HostStatus[], fancy: boolean): string {
  const head = ['Host', 'State', 'Labels', 'Servers', 'Pid', 'Machine', 'Memory', 'Uptime'];
  const rows = hosts.map((host) => {
    const isLost = host.presence === 'lost';
    return [
      host.id,
      hostState(host),
      host.labels.join(', ') + (host.exclusive ? ' (exclusive)' : '') || '-',
      isLost ? '-' : `${host.sessions.length}/${host.capacity}`,
      isLost ? '-' : String(host.pid),
      host.machine,
      isLost ? '-' : `${Math.round(host.rssBytes / 2 ** 20)} MiB`,
      isLost ? '-' : durationText(Date.now() - host.startedAtMs),
    ];
  });
  return renderTable(head, rows, fancy);
}

export function wrongHostUsage(message: string): MainspringError {
  return new MainspringError('WRONG_USAGE', message);
}
