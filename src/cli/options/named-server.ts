import { type Command } from 'commander';

const ABOUT_SERVERS = /^(Names? of the servers?|Server)\b/;

/** Returns the one server that a command line names, by the description of the argument; undefined for none or several. */
export function namedServer({ registeredArguments, processedArgs }: Command): string | undefined {
  const at = registeredArguments.findIndex(({ description }) => ABOUT_SERVERS.test(description));
  const given: unknown = processedArgs[at];
  const names: unknown[] = Array.isArray(given) ? given : [given];
  const [name] = names;
  return names.length === 1 && typeof name === 'string' ? name : undefined;
}
