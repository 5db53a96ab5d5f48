import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type ToolCall } from '../../client/calls/call-request';
import { MainspringError } from '../../base/errors';
import { type ToolDefinition } from '../../domain/catalogue/tools';
import { type Json, type JsonObject } from '../../base/json';
import { FIRST_PRIORITY, LAST_PRIORITY } from '../../domain/calls/calls';

const objectSchema: z.ZodType<JsonObject> = z.record(z.string(), z.json());

const batchSchema = z.array(
  z.strictObject({
    server: z.string(),
    tool: z.string(),
    args: objectSchema.optional(),
    key: z.string().optional(),
    priority: z.int().min(FIRST_PRIORITY).max(LAST_PRIORITY).optional(),
  }),
);

/** Returns the arguments of the command line: one JSON object, or pairs, whose values take the type in the tool's schema. */
export function callArguments(words: string[], tool: ToolDefinition | undefined): JsonObject {
  const [first] = words;
  if (first === undefined) return {};
  if (words.length === 1 && !/^[A-Za-z_][\w.-]*=/.test(first)) return parseObject(first);
  return Object.fromEntries(words.map((word) => pairOf(word, tool)));
}

/** Reads the calls of a batch file. */
export async function readBatch(file: string): Promise<ToolCall[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new MainspringError('FILE_NOT_FOUND', `Cannot read ${file}.`, { cause: error });
  });
  const parsed = batchSchema.safeParse(parseJson(text, `Invalid JSON in ${file}`));
  if (!parsed.success) {
    const problem = z.prettifyError(parsed.error);
    throw new MainspringError('INVALID_CONFIG', `${file} is not a valid batch file:\n${problem}`, {
      fix: 'Use a JSON array of {server, tool, args, key?, priority?}.',
    });
  }
  return parsed.data.map(({ key, ...call }) => ({ ...call, idempotencyKey: key }));
}

function parseObject(text: string): JsonObject {
  const parsed = objectSchema.safeParse(parseJson(text, 'Invalid JSON in the arguments'));
  if (parsed.success) return parsed.data;
  throw new MainspringError('INVALID_JSON', `The arguments are not a JSON object: ${text}`, {
    fix: `Pass one JSON object ('{"a": 1}') or key=value pairs (a=1 b=text).`,
  });
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new MainspringError('INVALID_JSON', `${what}: ${reason}`, { cause: error });
  }
}

function pairOf(word: string, tool: ToolDefinition | undefined): [string, Json] {
  const at = word.indexOf('=');
  if (at <= 0) {
    throw new MainspringError('WRONG_USAGE', `Expected key=value, got "${word}".`, {
      fix: 'Pass either one JSON object or only key=value pairs.',
    });
  }
  const key = word.slice(0, at);
  return [key, valueOf(word.slice(at + 1), typeOf(tool, key))];
}

/** Parses a value. Text stays text where the schema asks for it: `zip=01234` must not become a number. */
function valueOf(text: string, type: Json | undefined): Json {
  if (type === 'string') return text;
  try {
    const value: Json = z.json().parse(JSON.parse(text));
    return value;
  } catch {
    return text;
  }
}

function typeOf(tool: ToolDefinition | undefined, key: string): Json | undefined {
  const properties = tool?.inputSchema['properties'];
  if (!properties || typeof properties !== 'object' || Array.isArray(properties)) return undefined;
  const property = properties[key];
  if (!property || typeof property !== 'object' || Array.isArray(property)) return undefined;
  return property['type'];
}
