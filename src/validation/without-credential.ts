import { type ServerSpec } from '../domain/spec';

/**
 * Returns the spec without a variable or header and everything that refers to it; undefined if
 * there is none of that name.
 */
export function withoutCredential(spec: ServerSpec, credential: string): ServerSpec | undefined {
  const reference = new RegExp(`\\$\\{${escaped(credential)}(?::-[^}]*)?\\}`, 'g');
  let isFound = false;
  const without = (members: Record<string, string>, isSame: (name: string) => boolean) =>
    Object.fromEntries(
      Object.entries(members).filter(([name, text]) => {
        const isIt = isSame(name) || text.search(reference) !== -1;
        isFound ||= isIt;
        return !isIt;
      }),
    );
  const erased = (text: string) => {
    const rest = text.replace(reference, '');
    isFound ||= rest !== text;
    return rest;
  };
  const process = spec.process && {
    ...spec.process,
    args: spec.process.args.map(erased),
    ...(spec.process.program && {
      program: { ...spec.process.program, args: spec.process.program.args.map(erased) },
    }),
    env: without(spec.process.env, (name) => name === credential),
  };
  if (spec.type === 'stdio') return process && isFound ? { ...spec, process } : undefined;
  const isHeader = (name: string) => name.toLowerCase() === credential.toLowerCase();
  const remote = {
    url: erased(spec.remote.url),
    headers: without(spec.remote.headers, isHeader),
  };
  return isFound ? { ...spec, remote, ...(process && { process }) } : undefined;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
