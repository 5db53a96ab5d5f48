import { CallError } from '../../src/mcp/calls/call-error';
import { type CallAttempt } from './call-attempt';
import { type HostDeps } from '../deps';
import { isErrorResult } from './waiting-call';
import { type JsonObject } from '../../src/base/json';

/**
 * Records an event for an answer that came after its call had ended: nobody gets the answer, but the event shows that
 * the tool ran. Never rejects.
 */
export async function noteLateAnswer(
  { store, logger }: Pick<HostDeps, 'store' | 'logger'>,
  { input, session, context }: CallAttempt,
  answer: JsonObject | CallError,
): Promise<void> {
  const { callId, server, tool, correlationId } = input;
  const isError = answer instanceof CallError || isErrorResult(answer);
  const what = isError ? 'an error' : 'a result';
  const reason = `late answer: "${tool}" returned ${what} after its call ${callId} had ended; dropped`;
  const event = {
    id: `late/${callId}/${context.info.attempt}`,
    server,
    atMs: Date.now(),
    reason,
    ...({ kind: 'note', actor: 'mainspring', correlationId } as const),
    generation: session.generation,
  };
  try {
    await store.events.append([event]);
  } catch (error) {
    // The call has ended: an event that is lost changes nothing.
    logger.warn({ error, callId }, 'the event of a late answer could not be written');
  }
}
