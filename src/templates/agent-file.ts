import path from 'node:path';
import { z } from 'zod';
import { entrySchema, type ServerEntry } from '../inventory/config/config-schema';
import { nameProblem } from '../inventory/fields/server-name';
import { readDocument } from './read-document';

export interface AgentFile {
  /** Absolute path. */
  file: string;
  name: string;
  systemPrompt?: string;
  tools?: string[];
  servers: AgentServer[];
}

export interface AgentServer {
  name: string;
  autoStart: boolean;
  /** Present when the file contains the whole entry. */
  entry?: ServerEntry;
}

const name = z.string().superRefine((value, context) => {
  const message = nameProblem(value);
  if (message !== undefined) context.addIssue({ code: 'custom', message });
});

const server = z.preprocess(
  (value) => (typeof value === 'string' ? { name: value } : value),
  z.strictObject({ name, auto_start: z.boolean().optional(), ...entrySchema.shape }),
);

/** Loose, because agents have settings for other programs too. */
const agentSchema = z.looseObject({
  name,
  system_prompt: z.string().optional(),
  tools: z.array(z.string()).optional(),
  mcp_servers: z.array(server),
});

/** Reads an agent and the servers that it uses: `{name, system_prompt, tools, mcp_servers}`. */
export async function readAgentFile(file: string): Promise<AgentFile> {
  const agent = await readDocument(file, agentSchema);
  const { system_prompt: systemPrompt, tools } = agent;
  return {
    file: path.resolve(file),
    name: agent.name,
    ...(systemPrompt !== undefined && { systemPrompt }),
    ...(tools && { tools }),
    servers: agent.mcp_servers.map(({ name: server, auto_start: autoStart = false, ...entry }) => ({
      name: server,
      autoStart,
      ...(Object.keys(entry).length > 0 && { entry }),
    })),
  };
}
