import { type ToolDefinition, type UncheckedTool } from '../catalogue/tools';
import { compileSchema } from './compile-schema';

/** Returns what is not checked of a tool's arguments: usually nothing. */
export function uncheckedOf({ name, inputSchema }: ToolDefinition): UncheckedTool[] {
  return compileSchema(inputSchema).gaps.map((gap) => ({ tool: name, ...gap }));
}
