import { type ServerSpec } from '../domain/spec';
import { type ToolDefinition } from '../domain/catalogue/tools';
import { type LiveConnection } from '../mcp/session/live-connection';
import { CallError } from '../mcp/calls/call-error';
import { type Reply } from './request-once';
import { type ListItem } from './list-items';
import { isJsonObject, type JsonObject } from '../base/json';
import { type ValidationCall } from '../domain/servers/validation-spec';

/** Returns the calls that may be made: nothing else in this folder calls a tool of a server. */
export function declaredCalls({ validation }: ServerSpec): ValidationCall[] {
  return validation?.calls ?? [];
}

export async function callDeclared(
  connection: LiveConnection,
  { tool, arguments: args }: ValidationCall,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<Reply> {
  try {
    const result = await connection.callTool(tool, jsonOf(args), { signal, timeoutMs });
    return { kind: 'result', result };
  } catch (error) {
    if (!(error instanceof CallError) || error.kind !== 'rejected') throw error;
    return { kind: 'error', code: error.code ?? 0, message: error.message };
  }
}

/** Returns a declared tool as the server lists it. */
export function declaredTool(
  spec: ServerSpec,
  tools: readonly ListItem[] | undefined,
): ToolDefinition | undefined {
  const declared = new Set(declaredCalls(spec).map(({ tool }) => tool));
  for (const { name, inputSchema } of tools ?? []) {
    if (typeof name !== 'string' || !declared.has(name)) continue;
    if (isJsonObject(inputSchema)) return { name, inputSchema };
  }
  return undefined;
}

/** The arguments of a config file are JSON, which the type of the spec does not express. */
function jsonOf(args: Record<string, unknown>): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(args));
  return isJsonObject(json) ? json : {};
}
