import { type ServerCatalogue } from '../../domain/catalogue/server-catalogue';
import { isJsonObject } from '../../base/json';
import { type McpSession } from './mcp-session';
import { META } from '../../base/mcp-names';

/** Data from a server's handshake, with every member. */
export type ServerFacts = Pick<
  ServerCatalogue,
  'serverInfo' | 'capabilities' | 'instructions' | 'protocolVersion' | 'era'
>;

export function serverFacts({ client, wire }: McpSession): ServerFacts {
  const { hello } = wire;
  const { _meta: meta } = hello;
  const inMeta = isJsonObject(meta) ? meta[META.serverInfo] : undefined;
  const serverInfo = hello['serverInfo'] ?? inMeta;
  const { capabilities, instructions } = hello;
  return {
    serverInfo: isJsonObject(serverInfo) ? serverInfo : {},
    capabilities: isJsonObject(capabilities) ? capabilities : {},
    ...(typeof instructions === 'string' && { instructions }),
    protocolVersion: client.getNegotiatedProtocolVersion() ?? '',
    era: client.getProtocolEra() ?? 'legacy',
  };
}
