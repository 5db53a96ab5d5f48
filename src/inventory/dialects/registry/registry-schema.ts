import { z } from 'zod';

const REGISTRY_TYPES = ['npm', 'pypi', 'oci', 'mcpb', 'nuget', 'cargo'] as const;

const value = z.looseObject({
  value: z.string().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  isRequired: z.boolean().optional(),
  isSecret: z.boolean().optional(),
  format: z.string().optional(),
});
const variables = z.record(z.string(), value).optional();
const input = value.extend({ variables });

const argument = input.extend({
  type: z.enum(['positional', 'named']).optional(),
  name: z.string().optional(),
  valueHint: z.string().optional(),
});

const keyed = input.extend({ name: z.string() });

const transport = z.looseObject({
  type: z.string(),
  url: z.string().optional(),
  headers: z.array(keyed).optional(),
  variables,
});

/**
 * A `server.json` of the official registry, limited to the parts needed to run the server. Source:
 * https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json
 */
export const packageSchema = z.looseObject({
  registryType: z.enum(REGISTRY_TYPES),
  identifier: z.string(),
  version: z.string().optional(),
  fileSha256: z.string().optional(),
  transport: transport.optional(),
  runtimeArguments: z.array(argument).optional(),
  packageArguments: z.array(argument).optional(),
  environmentVariables: z.array(keyed).optional(),
});

export const remoteSchema = transport.extend({ url: z.string() });

export type RegistryPackage = z.infer<typeof packageSchema>;
export type RegistryRemote = z.infer<typeof remoteSchema>;
export type RegistryArgument = z.infer<typeof argument>;
export type RegistryInput = z.infer<typeof input>;
export type RegistryVariable = z.infer<typeof keyed>;
