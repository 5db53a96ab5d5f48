import { EVERYTHING, expose, type EndpointContent } from '../../domain/endpoint/endpoint-content';
import { internalsOf, type MainspringClient } from '../mainspring-client';
import { unknownProfile } from '../../domain/servers/unknown-name-errors';
import { sha256 } from '../../base/sha256';

export {
  type ExposedTool,
  type EndpointContent as Exposure,
} from '../../domain/endpoint/endpoint-content';

/**
 * Returns what clients of a profile see now, and why something is left out.
 *
 * @throws MainspringError UNKNOWN_PROFILE, with near matches
 */
export async function profileContent(
  client: MainspringClient,
  name: string,
): Promise<EndpointContent> {
  const { servers, profiles } = await internalsOf(client).listings.current();
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!profile) throw unknownProfile(name, Object.keys(profiles));
  return expose(servers, profile, sha256);
}

/** Returns what clients of the endpoint of all servers see now. */
export async function fullContent(client: MainspringClient): Promise<EndpointContent> {
  const { servers } = await internalsOf(client).listings.current();
  return expose(servers, EVERYTHING, sha256);
}
