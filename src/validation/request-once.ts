import { CallError } from '../mcp/calls/call-error';
import { type LiveConnection } from '../mcp/session/live-connection';
import { ANSWER_LIMIT_MS } from './limits';
import { type JsonObject } from '../base/json';

export type Reply =
  { kind: 'result'; result: JsonObject } | { kind: 'error'; code: number; message: string };

/**
 * Sends a request and resolves with the server's answer, which may be a refusal; throws if there is
 * no answer.
 */
export async function requestOnce(
  connection: LiveConnection,
  method: string,
  params: JsonObject,
  { signal, timeoutMs = ANSWER_LIMIT_MS }: { signal: AbortSignal; timeoutMs?: number },
): Promise<Reply> {
  try {
    const result = await connection.request(method, params, { signal, timeoutMs });
    return { kind: 'result', result };
  } catch (error) {
    if (!(error instanceof CallError) || error.kind !== 'rejected') throw error;
    return { kind: 'error', code: error.code ?? 0, message: error.message };
  }
}

/** A tool may refuse with a JSON-RPC error or with an error result. */
export function isRefused(reply: Reply): boolean {
  return reply.kind === 'error' || reply.result['isError'] === true;
}

export function replyText(reply: Reply): string {
  return reply.kind === 'error'
    ? `error ${reply.code}: ${reply.message}`
    : (contentText(reply.result) ?? 'a result');
}

/** Returns the text of a tool's result. */
export function contentText({ content }: JsonObject): string | undefined {
  if (!Array.isArray(content)) return undefined;
  const texts = content.flatMap((block) => {
    if (typeof block !== 'object' || block === null || Array.isArray(block)) return [];
    return typeof block['text'] === 'string' ? [block['text']] : [];
  });
  return texts.length > 0 ? texts.join('\n') : undefined;
}
