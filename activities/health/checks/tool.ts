import { validateArguments } from '../../../src/domain/calls/tool-arguments';
import { CallError } from '../../../src/mcp/calls/call-error';
import { contentText } from '../../../src/validation/request-once';
import { type CheckOf, type Finding, type Limit, type Subject } from './subject';
import { isJsonObject, type JsonObject } from '../../../src/base/json';

/** Calls a tool that its spec declares safe to call at any time. */
export async function checkTool(
  check: CheckOf<'tool'>,
  { serving }: Subject,
  limit: Limit,
): Finding {
  try {
    const result = await serving.connection.callTool(check.tool, check.arguments, limit);
    return problemOf(check, result);
  } catch (error) {
    if (error instanceof CallError && error.kind === 'rejected') return `refused: ${error.message}`;
    throw error;
  }
}

function problemOf(
  { tool, expect, schema }: CheckOf<'tool'>,
  result: JsonObject,
): string | undefined {
  const text = contentText(result) ?? '';
  if (result['isError'] === true) return `${tool} returned an error: ${text}`;
  if (expect !== undefined && !text.includes(expect)) {
    return `the result of ${tool} does not contain ${JSON.stringify(expect)}: ${text}`;
  }
  if (!schema) return undefined;
  const { structuredContent } = result;
  const shaped = isJsonObject(structuredContent) ? structuredContent : result;
  const problem = validateArguments({ name: tool, inputSchema: schema }, shaped);
  return problem && `the result of ${tool} does not have the expected shape: ${problem}`;
}
