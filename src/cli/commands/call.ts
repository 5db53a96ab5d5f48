import { randomUUID } from 'node:crypto';
import { Option } from 'commander';
import { type CallHandle } from '../../client/calls/call-handle';
import { type CallToolOptions } from '../../client/calls/call-request';
import { type CallOutcome, FIRST_PRIORITY, LAST_PRIORITY } from '../../domain/calls/calls';
import { MainspringError } from '../../base/errors';
import { type CommandContext, type Define, type GlobalOptions, withExample } from '../command';
import { EXIT, exitCodeOf } from '../exit-codes';
import { unlessInterrupted } from '../interrupt';
import { renderOutcome, timingText } from '../text/outcome-text';
import { atLeastOne, durationMs, wholeBetween } from '../options/parse';

interface CallOptions extends GlobalOptions {
  key?: string;
  timeout?: number;
  queueTimeout?: number;
  priority?: number;
  async?: boolean;
  batch?: string;
  parallel?: number;
}

interface CallRequest {
  server: string;
  tool: string;
  words: string[];
  how: CallToolOptions & { correlationId: string };
}

export const define: Define = (command, run) =>
  withExample(command, 'mainspring call everything get-sum a=2 b=3')
    .argument('[server]', 'Name of the server')
    .argument('[tool]', 'Name of the tool')
    .argument('[arguments...]', 'One JSON object, or key=value pairs')
    .option('--key <key>', 'Idempotency key; a call with the same key never runs twice')
    .option('--timeout <duration>', 'Maximum run time of the tool, such as 90s', durationMs)
    .option('--queue-timeout <duration>', 'Maximum time to wait for the server', durationMs)
    .option(
      '--priority <1-5>',
      'Priority in the queue; 1 is the highest (default: 3)',
      wholeBetween(FIRST_PRIORITY, LAST_PRIORITY),
    )
    .option('--async', 'Print the call ID and return immediately')
    .addOption(
      new Option(
        '--batch <file>',
        'JSON array of {server, tool, args, key?, priority?}; results keep this order',
      ).conflicts(['key', 'async']),
    )
    .option(
      '--parallel <n>',
      'Maximum number of parallel calls with --batch (default: 16)',
      atLeastOne,
    )
    .action(
      (
        server: string | undefined,
        tool: string | undefined,
        words: string[],
        options: CallOptions,
      ) =>
        run(
          options,
          (context) => {
            const { key: idempotencyKey, timeout: timeoutMs, priority } = options;
            const limits = { timeoutMs, queueTimeoutMs: options.queueTimeout, priority };
            if (options.batch !== undefined && server === undefined) {
              return callBatch(context, options.batch, { ...limits, parallel: options.parallel });
            }
            if (server === undefined || tool === undefined || options.batch !== undefined) {
              throw new MainspringError(
                'WRONG_USAGE',
                'Expected a server and a tool, or --batch.',
                {
                  fix: 'mainspring call <server> <tool> [json | key=value…], or mainspring call --batch <file>.',
                },
              );
            }
            const how = { ...limits, idempotencyKey, correlationId: randomUUID() };
            const wanted = { server, tool, words, how };
            return options.async ? submitOne(context, wanted) : callOne(context, wanted);
          },
          { handlesInterrupt: true },
        ),
    );

async function submitOne(
  { withClient, output }: CommandContext,
  wanted: CallRequest,
): Promise<number> {
  const { server, tool, words, how } = wanted;
  return withClient(async (client) => {
    const { callArguments } = await import('../options/call-arguments.js');
    const args = callArguments(words, await client.tools.find(server, tool));
    const { id: callId, correlationId } = await client.startCall(server, tool, args, how);
    output.answer({ callId, correlationId, server, tool }, callId);
    return EXIT.ok;
  });
}

async function callOne(context: CommandContext, wanted: CallRequest): Promise<number> {
  const { withClient, output, interrupted } = context;
  const { server, tool, words, how } = wanted;
  return withClient(async (client) => {
    output.spin(`Calling ${server} ${tool}…`);
    let handle: CallHandle | undefined;
    const work = async () => {
      const { callArguments } = await import('../options/call-arguments.js');
      const args = callArguments(words, await client.tools.find(server, tool));
      const onStart = (started: CallHandle) => (handle = started);
      return client.callTool(server, tool, args, { ...how, onStart });
    };
    const outcome = await unlessInterrupted(work(), interrupted);
    if (!outcome) throw stillRuns(server, handle);
    output.answer(outcome, renderOutcome(outcome));
    if (!output.json) output.progress(timingText(outcome));
    return exitCodeOf(outcome.outcome);
  });
}

function stillRuns(server: string, handle: CallHandle | undefined): MainspringError {
  const fix = handle
    ? `Get the result: mainspring result ${handle.id}.`
    : `Check whether the call was submitted: mainspring calls ${server}.`;
  return new MainspringError(
    'COMMAND_INTERRUPTED',
    'Interrupted. The call continues in the background.',
    { fix },
  );
}

async function callBatch(
  { withClient, output, interrupted }: CommandContext,
  file: string,
  { parallel, ...limits }: CallToolOptions & { parallel?: number },
): Promise<number> {
  const { readBatch } = await import('../options/call-arguments.js');
  const batch = await readBatch(file);
  return withClient(async (client) => {
    output.spin(`Running ${batch.length} calls…`);
    const calls = batch.map((one) => ({ ...limits, ...one }));
    const outcomes = await unlessInterrupted(client.callTools(calls, { parallel }), interrupted);
    if (!outcomes) {
      throw new MainspringError(
        'COMMAND_INTERRUPTED',
        'Interrupted. Calls that were already submitted continue in the background.',
        {
          fix: 'List the calls: mainspring calls. Calls with a key can be submitted again.',
        },
      );
    }
    output.answer(outcomes, outcomes.map(batchLine).join('\n'));
    const codes = outcomes.map(({ outcome }) => exitCodeOf(outcome));
    return Math.max(EXIT.ok, ...codes);
  });
}

function batchLine(outcome: CallOutcome): string {
  const text = outcome.error?.message ?? renderOutcome(outcome);
  const [first = ''] = text.split('\n');
  return `${outcome.server} ${outcome.tool} ${outcome.outcome}: ${first}`;
}
