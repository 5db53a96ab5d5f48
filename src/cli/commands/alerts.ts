import { Argument } from 'commander';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderTable } from '../text/table';

const ACTIONS = ['list', 'test'] as const;
type ActionName = (typeof ACTIONS)[number];

export const define: Define = (command, run) =>
  withExample(command, 'mainspring alerts test ops')
    .addArgument(new Argument('[action]', 'what to do').choices(ACTIONS).default('list'))
    .argument('[receiver]', 'for test: the name of the receiver')
    .action((action: ActionName, receiver: string | undefined, options: GlobalOptions) =>
      run(options, (context) =>
        action === 'list' ? listAll(context, receiver) : sendTest(context, receiver),
      ),
    );

async function listAll(
  { output, settings }: CommandContext,
  receiver: string | undefined,
): Promise<number> {
  if (receiver !== undefined) {
    const fix = `Send it a test: mainspring alerts test ${receiver}.`;
    throw new MainspringError('WRONG_USAGE', '"alerts list" takes no receiver.', { fix });
  }
  const { listReceivers } = await import('../../client/alerts.js');
  const receivers = await listReceivers(settings().home);
  const rows = receivers.map(({ name, on, servers, channel, target, origin }) => [
    name,
    on.join(', '),
    servers.join(', ') || 'all',
    [channel, target].join(' ').trimEnd(),
    origin,
  ]);
  const head = ['Receiver', 'On', 'Servers', 'To', 'Origin'];
  const none = 'Nobody is told. Add "alerts" to a config file: docs/alerts.md.';
  output.answer(receivers, rows.length > 0 ? renderTable(head, rows, output.fancy) : none);
  return EXIT.ok;
}

async function sendTest(
  { output, withClient }: CommandContext,
  receiver: string | undefined,
): Promise<number> {
  if (receiver === undefined) {
    const fix = 'mainspring alerts test <receiver>';
    throw new MainspringError('WRONG_USAGE', 'To which receiver?', { fix });
  }
  return withClient(async (client) => {
    output.spin(`Sending to ${receiver} …`);
    const how = await client.alerts.test(receiver);
    output.answer({ receiver, delivered: true, how }, `${receiver} was told (${how}).`);
    return EXIT.ok;
  });
}
