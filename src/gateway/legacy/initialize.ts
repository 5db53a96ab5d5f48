import { checkClientText } from '../calls/client-meta';
import { endpointCapabilities } from '../endpoint/endpoint-capabilities';
import { type Identity } from '../http/contract';
import { RpcError } from '../rpc';
import { type LegacyContext } from './context';
import { type LiveSession } from './live-session';
import { type SessionOpening } from './sessions';
import { allowsTasks, negotiatedVersion } from './versions';
import { isJsonObject, type JsonObject } from '../../base/json';
import { RPC } from '../../base/jsonrpc';

/**
 * Handles `initialize`: creates a session and describes the endpoint. It never depends on a running
 * server.
 */
export async function initialize(
  context: LegacyContext,
  identity: Identity,
  params: JsonObject = {},
  id?: string,
): Promise<{ session: LiveSession; result: JsonObject }> {
  const opening = openingOf(params);
  const view = await context.catalogues.view(identity.scope);
  const session = await context.sessions.create(identity, opening, id);
  context.lists.know(session.record.scope, view);
  const { protocolVersion } = opening;
  const hasTasks = context.tasks !== undefined && allowsTasks(protocolVersion);
  const result = {
    protocolVersion,
    capabilities: endpointCapabilities(view, identity, hasTasks),
    serverInfo: { name: 'mainspring', title: 'Mainspring', version: context.version },
    ...(view.instructions !== undefined && { instructions: view.instructions }),
  };
  return { session, result };
}

/** @throws RpcError when it is not an `initialize` of MCP */
function openingOf({ protocolVersion, clientInfo, capabilities }: JsonObject): SessionOpening {
  if (typeof protocolVersion !== 'string') throw invalid('"protocolVersion" is missing');
  // Some clients omit empty capabilities; an empty list is what some languages make of an empty
  // object.
  const hasNone =
    capabilities == null || (Array.isArray(capabilities) && capabilities.length === 0);
  if (!hasNone && !isJsonObject(capabilities)) throw invalid('"capabilities" must be an object');
  const opening = {
    protocolVersion: negotiatedVersion(protocolVersion),
    clientInfo: isJsonObject(clientInfo) ? clientInfo : {},
    capabilities: isJsonObject(capabilities) ? capabilities : {},
  };
  checkClientText('The client information', opening);
  return opening;
}

const invalid = (message: string) => new RpcError(RPC.invalidParams, message);
