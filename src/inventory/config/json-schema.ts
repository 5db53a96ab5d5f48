import { z } from 'zod';
import { receiverMembers } from '../fields/alerts-field';
import { SERVER_NAME } from '../../domain/names';
import { entrySchema } from './config-schema';
import { gatewayField } from '../fields/gateway-field';
import { profileMembers } from '../fields/profile-field';

/** The JSON Schema of `mainspring.json` for editors, derived from the schema that checks it. */
export function configJsonSchema(): Record<string, unknown> {
  const config = z.looseObject({
    $schema: z.string().optional(),
    inputs: entrySchema.shape.inputs,
    alerts: z.array(receiverMembers).optional(),
    profiles: z.record(z.string().regex(SERVER_NAME), profileMembers).optional(),
    gateway: gatewayField.optional(),
    mcpServers: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/), entrySchema),
  });
  const { $schema, ...schema } = z.toJSONSchema(config, { io: 'input' });
  return {
    $schema,
    title: 'Mainspring servers',
    ...schema,
  };
}
