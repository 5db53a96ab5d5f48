import { createHmac } from 'node:crypto';

/** A key that processes of the data directory's user can make: they may use the gateway as the local user. */
export function localKeyOf(signingKey: Buffer): string {
  return createHmac('sha256', signingKey).update('mainspring gateway: local user').digest('hex');
}
