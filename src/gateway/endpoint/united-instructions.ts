import { type ServerListing } from '../../domain/endpoint/server-listing';

/**
 * Limit for the instructions of all servers of an endpoint; a model reads them with every
 * conversation.
 */
const MAX_INSTRUCTIONS_LENGTH = 8_000;

/**
 * Joins the instructions of the servers, each under its name; those that do not fit are left out.
 */
export function instructionsOf(servers: readonly ServerListing[]): string | undefined {
  const parts = servers.flatMap(({ server, offer }) =>
    offer?.instructions ? [`## ${server}\n\n${offer.instructions.trim()}`] : [],
  );
  let remaining = MAX_INSTRUCTIONS_LENGTH;
  const fitting = parts.filter((part) => {
    const fits = part.length <= remaining;
    if (fits) remaining -= part.length;
    return fits;
  });
  return fitting.length > 0 ? fitting.join('\n\n') : undefined;
}
