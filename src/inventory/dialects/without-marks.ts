import { type ServerEntry } from '../config/config-schema';
import { markedNames, textsOf } from '../fields/member-text';
import { type NamedEntry } from './dialect';

/** An entry for a program that does not support marked secrets. */
export interface PlainEntry extends Omit<ServerEntry, 'env' | 'headers'> {
  env?: Record<string, string>;
  headers?: Record<string, string>;
}

export function withoutMarks({ env, headers, ...entry }: ServerEntry): PlainEntry {
  return {
    ...entry,
    ...(env && { env: textsOf(env) }),
    ...(headers && { headers: textsOf(headers) }),
  };
}

/** Returns a warning for each mark that is lost. */
export function lostMarks({ name, entry }: NamedEntry, program: string): string[] {
  const fields = [
    ...markedNames(entry.env).map((member) => `env.${member}`),
    ...markedNames(entry.headers).map((member) => `headers.${member}`),
  ];
  return fields.map(
    (field) => `${name}.${field}: ${program} does not support "secret"; only the value is exported`,
  );
}
