import { type ToolDefinition, type UncheckedTool } from '../catalogue/tools';
import { compileSchema } from './compile-schema';

/** What is not checked of the arguments of a tool: usually nothing. */
export function uncheckedOf({ name, inputSchema }: ToolDefinition): UncheckedTool[] {
  return compileSchema(inputSchema).gaps.map((gap) => ({ tool: name, ...gap }));
}
