import { type IsolationOrder } from '../domain/isolation';
import { type CommandContext } from './command';
import { EXIT } from './exit-codes';
import { isolationFacts } from './isolation-text';
import { startTrace } from './lifecycle';
import { stateText } from './table';

/** Gives an operator's order about the calls of a server, and answers with what then holds. */
export async function giveOrder(
  { withClient, output }: CommandContext,
  name: string,
  order: IsolationOrder,
): Promise<number> {
  return withClient(async ({ servers }) => {
    const traced = startTrace();
    const { correlationId } = traced;
    const changed = await servers.order(name, order, { correlationId });
    const { state, reason, breaker } = changed;
    const first =
      order.order === 'breaker'
        ? `The circuit breaker of ${name} is ${breaker.state}.`
        : `${name} is ${stateText(state, output.fancy)}: ${reason}`;
    const facts = isolationFacts(changed).map(([label, text]) => `  ${label}: ${text}`);
    const text = [first, ...facts];
    output.answer({ ...changed, ...traced.end() }, text.join('\n'));
    return EXIT.ok;
  });
}
