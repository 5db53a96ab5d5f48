import { isJsonObject, type Json, type JsonObject } from '../../src/base/json';

/** Largest share of the space for members besides the content. */
const MEMBERS_PART = 0.5;

/**
 * Returns the beginning of a result that is too large to be kept: the members and content blocks that fit, the first
 * text that does not, cut, and a block that says so. Omits what cannot be written as JSON.
 *
 * @param maxBytes - of the JSON of what is returned
 */
export function cutResult(result: JsonObject, maxBytes: number, notice: string): JsonObject {
  const { content, ...members } = result;
  const cut: JsonObject = {};
  let left = maxBytes * MEMBERS_PART;
  for (const [name, value] of Object.entries(members)) {
    const bytes = jsonBytes({ [name]: value });
    if (bytes > left) continue;
    cut[name] = value;
    left -= bytes;
  }
  const room = maxBytes - jsonBytes({ ...cut, content: [textBlock(notice)] });
  const blocks = Array.isArray(content) ? cutBlocks(content, room) : [];
  return { ...cut, content: [...blocks, textBlock(notice)] };
}

/** Bytes of a value as JSON; Infinity when it cannot be written, such as one that is nested too deep. */
export function jsonBytes(value: Json): number {
  try {
    return Buffer.byteLength(JSON.stringify(value));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function cutBlocks(content: readonly Json[], room: number): Json[] {
  const blocks: Json[] = [];
  let left = room;
  for (const block of content) {
    const bytes = jsonBytes(block);
    if (bytes <= left) {
      blocks.push(block);
      left -= bytes + 1; // and a comma
      continue;
    }
    const text = isJsonObject(block) ? block['text'] : undefined;
    if (typeof text !== 'string') continue;
    blocks.push(textBlock(cutText(text, left - 1 - jsonBytes(textBlock('')))));
    break;
  }
  return blocks;
}

function cutText(text: string, maxBytes: number): string {
  let cut = text;
  // Escapes make some characters longer than others.
  for (let bytes = jsonBytes(cut); bytes > maxBytes; bytes = jsonBytes(cut)) {
    if (cut.length === 0 || maxBytes <= 0) return '';
    cut = cut.slice(0, Math.min(cut.length - 1, Math.floor((cut.length * maxBytes) / bytes)));
  }
  return cut.replace(/[\uD800-\uDBFF]$/, '');
}

const textBlock = (text: string): JsonObject => ({ type: 'text', text });
