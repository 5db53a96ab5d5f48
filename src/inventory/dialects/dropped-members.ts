import { type NamedEntry } from './dialect';

/** A line about each member that has no place in a dialect. */
export function droppedMembers(
  { name, entry }: NamedEntry,
  held: readonly string[],
  holder: string,
): string[] {
  const dropped = Object.entries(entry).filter(
    ([member, value]) => value !== undefined && member !== 'extra' && !held.includes(member),
  );
  return dropped.map(([member]) => `${name}.${member}: ${holder} has no such setting`);
}

/** Why a bundle is not in the document: without its command its entry would say nothing. */
export function bundleLeftOut(name: string, holder: string): string {
  return `${name}: omitted because ${holder} cannot start bundles; export the file instead: --for mcpb`;
}
