import { type Finding, type Subject } from './subject';

/** Lists the tools, which also shows changes that the server did not tell of. */
export async function checkTools({ serving, hadTools, onTools }: Subject): Finding {
  const tools = await serving.connection.listTools();
  onTools(tools);
  return hadTools && tools.length === 0 ? 'it lists no tools any more' : undefined;
}
