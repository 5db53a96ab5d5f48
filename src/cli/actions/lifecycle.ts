import { type CommandedServer, type Servers } from '../../client/servers/servers';
import { MainspringError } from '../../base/errors';
import {
  type BulkCommand,
  type LeftAlone,
  selectServers,
} from '../../domain/servers/server-selection';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { firstLine } from '../text/install-text';
import { collect } from '../options/parse';
import { durationText, renderTable, stateText } from '../text/table';

interface Lifecycle {
  name: BulkCommand;
  /** Text while it is under way: "Starting files …" */
  doing: string;
}

interface LifecycleOptions extends GlobalOptions {
  wait: boolean;
  all?: boolean;
  tag: string[];
}

/** Creates a command that changes one server, or many at once, and prints their final states. */
export function lifecycleCommand({ name, doing }: Lifecycle): Define {
  return (command, run) =>
    withExample(command, `mainspring ${name} everything\n  $ mainspring ${name} --tag nightly`)
      .argument('[names...]', 'Names of the servers')
      .option('--all', 'All servers')
      .option('--tag <tag>', 'All servers with this tag (repeatable)', collect, [])
      .option('--wait', 'Wait for the final state (default)')
      .option('--no-wait', 'Return as soon as the command is recorded')
      .action((names: string[], { wait, all = false, tag: tags, ...options }: LifecycleOptions) => {
        const wanted = oneWay({ names, all, tags });
        const order = { name, doing, wait };
        return run(options, (context) => {
          const [only] = names;
          if (only !== undefined && names.length === 1) return commandOne(context, order, only);
          return commandMany(context, order, wanted);
        });
      });
}

interface Order extends Lifecycle {
  wait: boolean;
}

async function commandOne(
  { withClient, output, trace }: CommandContext,
  { name, doing, wait }: Order,
  server: string,
): Promise<number> {
  return withClient(async ({ servers }) => {
    output.spin(`${doing} ${server}…`);
    const { correlationId } = trace;
    const changed = await servers[name](server, { wait, correlationId });
    const { state, reason } = changed;
    const done = trace.end();
    const text = isAlready(changed)
      ? `${server} is already ${state.toLowerCase()}: ${reason}`
      : `${server} is ${stateText(state, output.fancy)}: ${reason} (${durationText(done.tookMs)})`;
    output.answer({ ...changed, ...done }, text);
    return EXIT.ok;
  });
}

async function commandMany(
  { withClient, output, trace }: CommandContext,
  { name, doing, wait }: Order,
  wanted: LifecycleRequest,
): Promise<number> {
  return withClient(async ({ servers }) => {
    const { chosen, leftAlone } = await choose(servers, name, wanted);
    output.spin(`${doing} ${chosen.length} servers…`);
    const { correlationId } = trace;
    const rows = await servers.command(name, chosen, { wait, correlationId });
    const done = trace.end();
    const text = manyText(rows, leftAlone, output.fancy);
    output.answer({ servers: rows, leftAlone, ...done }, text);
    return rows.every(({ ok }) => ok) ? EXIT.ok : EXIT.failed;
  });
}

interface LifecycleRequest {
  names: string[];
  all: boolean;
  tags: string[];
}

/** Chooses the servers. Those named are taken as they are; of all, or of a tag, those are skipped that the command is not for. */
async function choose(
  servers: Servers,
  command: BulkCommand,
  { names, all, tags }: LifecycleRequest,
): Promise<ReturnType<typeof selectServers>> {
  if (names.length > 0) return { chosen: names, leftAlone: [] };
  const known = await servers.statuses();
  const fitting = known.filter((server) => all || server.tags.some((tag) => tags.includes(tag)));
  if (fitting.length > 0 || all) return selectServers(fitting, command);
  const found = [...new Set(known.flatMap((server) => server.tags))].sort().join(', ');
  throw new MainspringError('WRONG_USAGE', `No server has the tag ${tags.join(' or ')}.`, {
    fix: found ? `Available tags: ${found}.` : 'No server has a tag yet.',
  });
}

/** Checks that the servers are chosen by names, by tag or all: exactly one of them. */
function oneWay(wanted: LifecycleRequest): LifecycleRequest {
  const { names, all, tags } = wanted;
  const ways = [names.length > 0, all, tags.length > 0].filter(Boolean).length;
  if (ways === 1) return wanted;
  const message =
    ways === 0
      ? 'Expected server names, --all or --tag.'
      : 'Server names, --all and --tag cannot be used together.';
  throw new MainspringError('WRONG_USAGE', message);
}

function manyText(
  rows: readonly CommandedServer[],
  leftAlone: readonly LeftAlone[],
  fancy: boolean,
): string {
  if (rows.length + leftAlone.length === 0) return 'No servers.';
  const cells = rows.map((row) => {
    if (!row.ok) return [row.name, '-', `[${row.error.code}] ${row.error.message}`];
    const detail = isAlready(row) ? `already ${row.state.toLowerCase()}` : row.reason;
    return [row.name, stateText(row.state, fancy), detail];
  });
  const others = leftAlone.map(({ name, reason }) => [name, '-', `skipped: ${reason}`]);
  const lines = [...cells, ...others].map(([name = '', state = '', detail = '']) => [
    ...[name, state, firstLine(detail)],
  ]);
  return renderTable(['Name', 'State', 'Detail'], lines, fancy);
}

function isAlready(changed: object): boolean {
  return 'already' in changed && changed.already === true;
}
