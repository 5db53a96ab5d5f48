import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { tinyServer } from './instance';

export interface DirectServer {
  call(): Promise<unknown>;
  close(): Promise<void>;
}

/** Starts the server of the durable calls, called by the MCP SDK with nothing between: the floor. */
export async function startDirect(): Promise<DirectServer> {
  const client = new Client({ name: 'bench', version: '1' });
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: [tinyServer], stderr: 'ignore' }),
  );
  return {
    call: () => client.callTool({ name: 'echo', arguments: { text: 'x' } }),
    close: () => client.close(),
  };
}
