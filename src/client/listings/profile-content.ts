import { EVERYTHING, expose, type EndpointContent } from '../../domain/endpoint/endpoint-content';
import { type Listings } from './listings';
import { unknownProfile } from '../../domain/servers/unknown-name-errors';
import { sha256 } from '../../base/sha256';

export {
  type ExposedTool,
  type EndpointContent as Exposure,
} from '../../domain/endpoint/endpoint-content';

/**
 * What clients of a profile see now, and why something is left out.
 *
 * @throws MainspringError UNKNOWN_PROFILE, with near matches
 */
export async function profileContent(listings: Listings, name: string): Promise<EndpointContent> {
  const { servers, profiles } = await listings.current();
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (!profile) throw unknownProfile(name, Object.keys(profiles));
  return expose(servers, profile, sha256);
}

/** What clients of the endpoint of all servers see now. */
export async function fullContent(listings: Listings): Promise<EndpointContent> {
  return expose((await listings.current()).servers, EVERYTHING, sha256);
}
