import { type CallOutcome } from '../../domain/calls/calls';
import { durationText } from './table';
import { type Json } from '../../base/json';

/** Renders a call for a person: the content of its result, or why there is none. */
export function renderOutcome({ outcome, result, error }: CallOutcome): string {
  if (outcome === 'ok' && result)
    return renderContent(result['content']) ?? JSON.stringify(result, null, 2);
  const content = renderContent(result?.['content']);
  const lines = [`${outcome}: ${error ? `[${error.code}] ${error.message}` : 'no result'}`];
  if (content && content !== error?.message) lines.push(content);
  if (error?.fix) lines.push(`Try: ${error.fix}`);
  return lines.join('\n');
}

/** `ok in 12 ms (attempt 3, after 2 s of retries) after 3 ms in the queue; call …, correlation …` */
export function timingText({
  outcome,
  queuedMs,
  attempts = 1,
  retriedMs = 0,
  ranMs,
  callId,
  correlationId,
  path = 'durable',
}: CallOutcome): string {
  const ids = [...(callId ? [callId] : []), `correlation ${correlationId}`];
  const way = path === 'durable' ? `after ${durationText(queuedMs)} in the queue` : `(${path})`;
  const isRetried = attempts > 1 || retriedMs > 0;
  const tries = isRetried
    ? ` (attempt ${attempts}, after ${durationText(retriedMs)} of retries)`
    : '';
  const times = `${durationText(ranMs)}${tries} ${way}`;
  return `${outcome} in ${times}; ${ids.join(', ')}`;
}

function renderContent(content: Json | undefined): string | undefined {
  if (!Array.isArray(content) || content.length === 0) return undefined;
  return content.map(renderBlock).join('\n');
}

/** Renders text as it is; what a terminal cannot show, by its kind. */
function renderBlock(block: Json): string {
  if (block === null || typeof block !== 'object' || Array.isArray(block))
    return JSON.stringify(block);
  if (typeof block['text'] === 'string') return block['text'];
  const { type, mimeType, data } = block;
  if (typeof data === 'string') {
    return `[${JSON.stringify(type)} ${JSON.stringify(mimeType)}, ${data.length} base64 characters]`;
  }
  return JSON.stringify(block, null, 2);
}
