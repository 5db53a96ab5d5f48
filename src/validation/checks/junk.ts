import { setTimeout as delay } from 'node:timers/promises';
import { type LiveConnection } from '../../mcp/session/live-connection';
import { type Check } from '../check';
import { failed, passed, reasonOf, skipped } from '../finding';
import { ANSWER_LIMIT_MS, BIG_LINE_BYTES, END_NOTICE_MS } from '../limits';

/** Input of a confused or hostile client. None of it is a request that a server could act on. */
const JUNK: readonly [what: string, text: () => string][] = [
  ['a line that is not JSON', () => 'this is not JSON'],
  ['half a message', () => '{"jsonrpc":"2.0","id":'],
  ['JSON that is not a message', () => '{"hello":"world"}'],
  ['a bare number', () => '42'],
  ['an empty batch', () => '[]'],
  ['a message without a method', () => '{"jsonrpc":"2.0"}'],
  ['a method that is a number', () => '{"jsonrpc":"2.0","method":5,"params":"x"}'],
  ['another version of JSON-RPC', () => '{"jsonrpc":"1.0","method":"notifications/nothing"}'],
  ['a response without a request', () => '{"jsonrpc":"2.0","id":987654321,"result":{}}'],
  ['a line of 1 MiB', bigNotification],
];

export const junk: Check = {
  name: 'junk',
  async run(trial, signal) {
    const connection = await trial.connection(signal);
    const { writeRaw } = connection;
    if (!writeRaw) return skipped('only stdio servers read raw lines');
    for (const [what, text] of JUNK) {
      signal.throwIfAborted();
      writeRaw(`${text()}\n`);
      try {
        await connection.ping(ANSWER_LIMIT_MS);
      } catch (error) {
        const reason = await endReason(connection, error);
        return failed(`not responding after ${what}: ${reason}`);
      }
    }
    return passed(`still responding after ${JUNK.map(([what]) => what).join(', ')}`);
  },
};

/** The reason why a server exited is more useful than the missing answer. */
async function endReason({ closed }: LiveConnection, error: unknown): Promise<string> {
  const stillOpen = delay(END_NOTICE_MS, error, { ref: false });
  return reasonOf(await Promise.race([closed, stillOpen]));
}

function bigNotification(): string {
  const params = { text: 'x'.repeat(BIG_LINE_BYTES) };
  return JSON.stringify({ jsonrpc: '2.0', method: 'notifications/mainspring', params });
}
