import { Argument } from 'commander';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT } from '../exit-codes';
import { renderTable } from '../text/table';

const ACTIONS = ['list', 'test'] as const;
type ActionName = (typeof ACTIONS)[number];

export const define: Define = (command, run) =>
  withExample(command, 'mainspring alerts test ops')
    .addArgument(new Argument('[action]', 'Action').choices(ACTIONS).default('list'))
    .argument('[receiver]', 'Receiver of the test alert (test)')
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
    const fix = `Send a test alert: mainspring alerts test ${receiver}.`;
    throw new MainspringError('WRONG_USAGE', '"alerts list" does not take a receiver.', { fix });
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
  const none = 'No alert receivers yet. Add "alerts" to a config file (see docs/alerts.md).';
  output.answer(receivers, rows.length > 0 ? renderTable(head, rows, output.fancy) : none);
  return EXIT.ok;
}

async function sendTest(
  { output, withClient }: CommandContext,
  receiver: string | undefined,
): Promise<number> {
  if (receiver === undefined) {
    const fix = 'mainspring alerts test <receiver>';
    throw new MainspringError('WRONG_USAGE', 'Missing argument: receiver.', { fix });
  }
  return withClient(async (client) => {
    output.spin(`Sending a test alert to ${receiver}…`);
    const how = await client.alerts.test(receiver);
    output.answer({ receiver, delivered: true, how }, `Delivered to ${receiver} (${how}).`);
    return EXIT.ok;
  });
}
