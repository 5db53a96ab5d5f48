import { splitScheme } from '../../domain/trust/secret-values';
import { type ServerEntry } from '../config/config-schema';
import { mapMembers, type MemberTexts, textOf } from '../fields/member-text';
import { secretFields } from '../config/warnings';

const MEMBER = /^(env|headers)\.(.+)$/s;

export interface Extraction {
  entry: ServerEntry;
  /** Variables by the field that refers to them. */
  extracted: Record<string, string>;
  /** Values for `secrets.env` by variable. */
  secrets: Record<string, string>;
}

/** Replaces the secrets in `env` and `headers` of an entry by references; `taken` are the existing secrets. */
export function extractSecrets(
  name: string,
  entry: ServerEntry,
  taken: Readonly<Record<string, string>>,
): Extraction {
  const extracted: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const field of extractableFields(entry)) {
    const secretField = secretFieldOf(entry, field);
    if (!secretField) continue;
    const variable = freeName(name, secretField, { ...taken, ...secrets });
    extracted[field] = variable;
    secrets[variable] = secretField.secret;
  }
  return { entry: withReferences(entry, extracted), extracted, secrets };
}

/** Fields with a literal secret that can be moved. */
export function extractableFields(entry: ServerEntry): string[] {
  return secretFields(entry).filter((field) => MEMBER.test(field));
}

/** Applies the references that replaced secrets to the entry of a config file. */
export function withReferences(
  entry: ServerEntry,
  extracted: Readonly<Record<string, string>> = {},
): ServerEntry {
  const { env, headers } = entry;
  const change = (member: 'env' | 'headers', texts: MemberTexts) =>
    mapMembers(texts, (text, key) => {
      const variable = extracted[`${member}.${key}`];
      if (variable === undefined || text.includes('${')) return text;
      return `${splitSecret(member, text).scheme}\${${variable}}`;
    });
  return {
    ...entry,
    ...(env && { env: change('env', env) }),
    ...(headers && { headers: change('headers', headers) }),
  };
}

interface SecretField {
  member: 'env' | 'headers';
  key: string;
  secret: string;
}

function secretFieldOf(entry: ServerEntry, field: string): SecretField | undefined {
  const [, member, key = ''] = MEMBER.exec(field) ?? [];
  if (member !== 'env' && member !== 'headers') return undefined;
  const text = entry[member]?.[key];
  if (text === undefined) return undefined;
  return { member, key, secret: splitSecret(member, textOf(text)).credential };
}

function splitSecret(member: string, text: string): { scheme: string; credential: string } {
  return member === 'headers' ? splitScheme(text) : { scheme: '', credential: text };
}

/** Name of the variable: that of the member; with the server as prefix when another secret has that name. */
function freeName(
  server: string,
  { member, key, secret }: SecretField,
  taken: Readonly<Record<string, string>>,
): string {
  const plain = variableName(key);
  const own = variableName(`${server}_${key}`);
  const candidates = member === 'env' ? [plain, own] : [own];
  const isFree = (name: string) => taken[name] === undefined || taken[name] === secret;
  const free = candidates.find(isFree);
  if (free !== undefined) return free;
  let number = 2;
  while (!isFree(`${own}_${number}`)) number += 1;
  return `${own}_${number}`;
}

function variableName(text: string): string {
  const name = text.replace(/[^A-Za-z0-9_]+/g, '_').toUpperCase();
  return /^\d/.test(name) ? `_${name}` : name;
}
