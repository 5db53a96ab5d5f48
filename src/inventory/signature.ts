import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { canonicalJson } from '../base/canonical-json';
import { MainspringError } from '../base/errors';
import { type ServerSpec } from '../domain/spec';
import { createDurably, hasCode } from '../base/durable-file';
import { type SignedSpec } from '../domain/trust/signed-spec';

const KEY_BYTES = 32;

/** Returns the signing key of this data directory; creates it when there is none yet. Several hosts may share the same file. */
export async function signingKey(home: string): Promise<Buffer> {
  const file = path.join(home, 'signing.key');
  try {
    return await readKey(file);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  // When another process was faster, its key is used.
  await createDurably(file, randomBytes(KEY_BYTES));
  return readKey(file);
}

/** Signs a spec, as proof for the hosts that its author has the key. */
export function signSpec(key: Buffer, spec: ServerSpec): SignedSpec {
  return { spec, signature: digestOf(key, spec).toString('hex') };
}

/** Returns the spec if its signature is valid; throws SPEC_UNTRUSTED otherwise. */
export function verifySpec(key: Buffer, { spec, signature }: SignedSpec): ServerSpec {
  const expected = digestOf(key, spec);
  const given = Buffer.from(signature, 'hex');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return spec;
  throw new MainspringError(
    'SPEC_UNTRUSTED',
    `The spec of server "${spec.name}" was not signed with the key of this data directory.`,
  );
}

function digestOf(key: Buffer, spec: ServerSpec): Buffer {
  return createHmac('sha256', key).update(canonicalJson(spec)).digest();
}

async function readKey(file: string): Promise<Buffer> {
  const key = await readFile(file);
  if (key.length === KEY_BYTES) return key;
  throw new MainspringError(
    'HOME_UNUSABLE',
    `The signing key ${file} has ${key.length} bytes instead of ${KEY_BYTES}.`,
    { fix: `Restore it from a backup, or remove it and add the servers again.` },
  );
}
