import { isObject, type Members } from './dialect';

/** Converts an extension of Goose; its `env_keys` become references, because Goose keeps their values elsewhere. */
export function gooseMembers(entry: Members): Record<string, unknown> {
  const { env_keys: keys, env, ...rest } = entry;
  if (!Array.isArray(keys)) return { ...entry };
  const names = keys.filter((key): key is string => typeof key === 'string');
  const references = Object.fromEntries(names.map((name) => [name, `\${${name}}`]));
  const all = { ...references, ...(isObject(env) && env) };
  return { ...rest, ...(Object.keys(all).length > 0 && { env: all }) };
}
