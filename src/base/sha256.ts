import { hash } from 'node:crypto';

/** Returns the sha256 of a content in lower-case hexadecimal digits. */
export function sha256(content: string | Uint8Array): string {
  return hash('sha256', content, 'hex');
}
