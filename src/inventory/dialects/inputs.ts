import { type FoundServer, isObject } from './dialect';

const INPUT_REFERENCE = /\$\{input:([^}]+)\}/g;

/** Adds to every server the inputs of the document that it refers to, so that it is self-contained. */
export function withInputs(servers: FoundServer[], inputs: readonly unknown[]): FoundServer[] {
  if (inputs.length === 0) return servers;
  return servers.map((server) => {
    const { entry } = server;
    if (!isObject(entry) || 'inputs' in entry) return server;
    const used = new Set([...JSON.stringify(entry).matchAll(INPUT_REFERENCE)].map(([, id]) => id));
    const own = inputs.flatMap((input, index) =>
      isObject(input) && typeof input['id'] === 'string' && used.has(input['id'])
        ? [{ input, index }]
        : [],
    );
    if (own.length === 0) return server;
    return {
      ...server,
      entry: { ...entry, inputs: own.map(({ input }) => input) },
      origins: { ...server.origins, inputs: [] },
    };
  });
}
