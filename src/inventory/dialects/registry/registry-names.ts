import { isObject, type Members } from '../dialect';

/** Names in older schemas or common mistakes, with the current name. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['registry_name', 'registryType'],
  ['required', 'isRequired'],
  ['secret', 'isSecret'],
  ['transport_type', 'type'],
  ['value_hint', 'valueHint'],
]);
const VALUES = ['default', 'value', 'choices', 'placeholder'];

/** Converts a `server.json` of any schema version to the member names of the newest one. */
export function withCurrentNames(document: Members): Record<string, unknown> {
  const { version_detail: detail, ...rest } = document;
  const { packages, remotes } = rest;
  return {
    ...rest,
    ...(isObject(detail) && rest['version'] === undefined && { version: detail['version'] }),
    ...(packages !== undefined && { packages: mapList(packages, currentPackage) }),
    ...(remotes !== undefined && { remotes: mapList(remotes, renamed) }),
  };
}

function mapList(list: unknown, change: (item: unknown) => unknown): unknown {
  return Array.isArray(list) ? list.map(change) : list;
}

/** Converts a package of the oldest schema, which has `name`, and the type `docker` for images. */
function currentPackage(item: unknown): unknown {
  const found = renamed(item);
  if (!isObject(found)) return found;
  const { name, ...rest } = found;
  const type = rest['registryType'];
  return {
    ...rest,
    ...(rest['identifier'] === undefined && name !== undefined && { identifier: name }),
    ...(type === 'docker' && { registryType: 'oci' }),
  };
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(([member, held]) => {
    const own = RENAMED.get(member) ?? camelCase(member);
    const isTaken = own !== member && own in value;
    return [isTaken ? member : own, VALUES.includes(member) ? held : inner(member, held)];
  });
  return Object.fromEntries(members) as unknown;
}

/** Keeps the names of variables, which are free. */
function inner(member: string, held: unknown): unknown {
  if (member !== 'variables' || !isObject(held)) return renamed(held);
  return Object.fromEntries(Object.entries(held).map(([name, one]) => [name, renamed(one)]));
}

function camelCase(member: string): string {
  return member.replace(/_([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase());
}
