import { createHash } from 'node:crypto';

/** Returns the sha256 of a content in lower-case hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
