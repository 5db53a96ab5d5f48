import { type IsolationOrder } from '../../domain/isolation/isolation';
import { type CommandContext } from '../command';
import { EXIT } from '../exit-codes';
import { isolationFacts } from '../text/isolation-text';
import { stateText } from '../text/table';

/** Sends an operator's order about the calls of a server, and prints what then applies. */
export async function sendOrder(
  { withClient, output, trace }: CommandContext,
  name: string,
  order: IsolationOrder,
): Promise<number> {
  return withClient(async ({ servers }) => {
    const { correlationId } = trace;
    const changed = await servers.order(name, order, { correlationId });
    const { state, reason, breaker } = changed;
    const first =
      order.order === 'breaker'
        ? `The circuit breaker of ${name} is ${breaker.state}.`
        : `${name} is ${stateText(state, output.fancy)}: ${reason}`;
    const facts = isolationFacts(changed).map(([label, text]) => `  ${label}: ${text}`);
    const text = [first, ...facts];
    output.answer({ ...changed, ...trace.end() }, text.join('\n'));
    return EXIT.ok;
  });
}
