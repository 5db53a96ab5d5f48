import { type Era } from '../exchange';
import { isJsonObject, type Json, type JsonObject } from '../../base/json';

/**
 * Returns a tool's result in a form that clients can read. Their libraries refuse the whole result
 * for one block of an unknown kind, and in the legacy era also for structured content that is not
 * an object. Such parts are converted to text, so that nothing is lost.
 */
export function readableResult(result: JsonObject, era: Era): JsonObject {
  const { content, structuredContent } = result;
  if (isTask(result)) return result;
  const isPlain = structuredContent === undefined || isJsonObject(structuredContent);
  const keepsStructure = isPlain || (era === 'modern' && structuredContent !== null);
  const blocks = readableBlocks(content, keepsStructure ? undefined : structuredContent);
  if (blocks === content && keepsStructure) return result;
  const { structuredContent: _odd, ...others } = result;
  return { ...(keepsStructure ? result : others), content: blocks };
}

/** Whether the result is an input request or a task, which have no content. */
function isTask({ resultType, task, content }: JsonObject): boolean {
  return content === undefined && (resultType !== undefined || task !== undefined);
}

/**
 * Returns the same array if all of it can be read; `left` is the content that has no other place.
 */
function readableBlocks(content: Json | undefined, unplaced: Json | undefined): Json[] {
  const given = Array.isArray(content)
    ? content
    : content === undefined || content === null
      ? []
      : [content];
  const isFine = Array.isArray(content) && content.every(isBlock);
  const blocks = isFine ? content : given.map((block) => (isBlock(block) ? block : asText(block)));
  const isShownElsewhere = unplaced === undefined || unplaced === null || blocks.length > 0;
  return isShownElsewhere ? blocks : [asText(unplaced)];
}

function asText(value: Json): JsonObject {
  return { type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) };
}

/** Hand-written: a schema costs more than everything else on this path. */
function isBlock(block: Json): boolean {
  if (!isJsonObject(block)) return false;
  const { type, text, data, mimeType, uri, name, resource } = block;
  switch (typeof type === 'string' ? type : '') {
    case 'text':
      return typeof text === 'string';
    case 'image':
    case 'audio':
      return typeof data === 'string' && typeof mimeType === 'string';
    case 'resource_link':
      return typeof uri === 'string' && typeof name === 'string';
    case 'resource':
      return isJsonObject(resource) && isContents(resource);
    default:
      return false;
  }
}

function isContents({ uri, text, blob }: JsonObject): boolean {
  return typeof uri === 'string' && (typeof text === 'string' || typeof blob === 'string');
}
