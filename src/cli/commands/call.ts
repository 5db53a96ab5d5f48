import { type CallOutcome } from '../../domain/calls';
import { MainspringError } from '../../domain/errors';
import { callArguments, readBatch } from '../call-arguments';
import { type CommandContext, defineCommand, type GlobalOptions, type Run } from '../command';
import { EXIT, exitCodeOf } from '../exit-codes';
import { unlessInterrupted } from '../interrupt';
import { renderOutcome } from '../outcome-text';
import { durationMs, wholeNumber } from '../parse';

interface CallOptions extends GlobalOptions {
  key?: string;
  timeout?: number;
  queueTimeout?: number;
  async?: boolean;
  batch?: string;
  parallel?: number;
}

export const call = (run: Run) =>
  defineCommand(
    'call',
    'call a tool; the call survives this terminal',
    'mainspring call everything get-sum a=2 b=3',
  )
    .argument('[server]', 'server')
    .argument('[tool]', 'tool')
    .argument('[arguments...]', 'one JSON object, or key=value pairs')
    .option('--key <key>', 'idempotency key: the same key never runs twice')
    .option('--timeout <duration>', 'longest time for the tool, such as 90s', durationMs)
    .option('--queue-timeout <duration>', 'longest wait for the server', durationMs)
    .option('--async', 'print the call id and return at once')
    .option('--batch <file>', 'JSON array of {server, tool, args, key?}; answers in the same order')
    .option('--parallel <n>', 'calls of a batch at once', wholeNumber)
    .action(
      (
        server: string | undefined,
        tool: string | undefined,
        args: string[],
        options: CallOptions,
      ) =>
        run(options, (context) => {
          if (options.batch !== undefined) return callBatch(context, options.batch, options);
          if (server === undefined || tool === undefined) {
            throw new MainspringError('WRONG_USAGE', 'Which tool of which server?', {
              fix: 'mainspring call <server> <tool> [json | key=value…]',
            });
          }
          return callOne(context, { server, tool, args }, options);
        }),
    );

async function callOne(
  { withClient, output, interrupted }: CommandContext,
  { server, tool, args }: { server: string; tool: string; args: string[] },
  options: CallOptions,
): Promise<number> {
  return withClient(async (client) => {
    const how = {
      idempotencyKey: options.key,
      timeoutMs: options.timeout,
      queueTimeoutMs: options.queueTimeout,
    };
    const definition = await client.tools.find(server, tool);
    const parsed = callArguments(args, definition);
    if (options.async) {
      const handle = await client.startCall(server, tool, parsed, how);
      const { id: callId, correlationId } = handle;
      output.answer({ callId, correlationId, server, tool }, callId);
      return EXIT.ok;
    }
    const spinner = output.spin(`${server} ${tool} …`);
    const calling = client.callTool(server, tool, parsed, how);
    const outcome = await unlessInterrupted(calling, interrupted).finally(() => spinner.stop());
    if (!outcome) {
      output.progress(`The call goes on without this terminal: mainspring calls ${server}`);
      return EXIT.interrupted;
    }
    output.answer(outcome, renderOutcome(outcome));
    return exitCodeOf(outcome.outcome);
  });
}

async function callBatch(
  { withClient, output }: CommandContext,
  file: string,
  { parallel }: CallOptions,
): Promise<number> {
  const batch = await readBatch(file);
  return withClient(async (client) => {
    const spinner = output.spin(`${batch.length} calls …`);
    const outcomes = await client.callTools(batch, { parallel }).finally(() => spinner.stop());
    output.answer(outcomes, outcomes.map(batchLine).join('\n'));
    const codes = outcomes.map(({ outcome }) => exitCodeOf(outcome));
    return Math.max(EXIT.ok, ...codes);
  });
}

function batchLine(outcome: CallOutcome): string {
  const [first] = renderOutcome(outcome).split('\n');
  return `${outcome.server} ${outcome.tool} ${outcome.outcome}: ${first ?? ''}`;
}
