import { type NamedEntry } from './dialect';

/** Returns a warning for each member that the dialect does not support. */
export function droppedMembers(
  { name, entry }: NamedEntry,
  supported: readonly string[],
  program: string,
): string[] {
  const dropped = Object.entries(entry).filter(
    ([member, value]) => value !== undefined && member !== 'extra' && !supported.includes(member),
  );
  return dropped.map(([member]) => `${name}.${member}: ${program} has no such setting`);
}

/** Warning about a bundle that is not exported: its entry has no command. */
export function bundleLeftOut(name: string, program: string): string {
  return `${name}: omitted because ${program} cannot start bundles; export the file instead: --for mcpb`;
}
