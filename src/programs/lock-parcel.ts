import { gunzipSync, gzipSync } from 'node:zlib';
import { sha256 } from '../base/sha256';

/** Maximum size of a compressed lock, because Temporal refuses payloads over 2 MiB. */
const MAX_PARCEL_BYTES = 1024 * 1024;
const MAX_LOCK_BYTES = 64 * 1024 * 1024;

/** Compresses a lock for Temporal; undefined when it is too large. */
export function packLock(text: string): string | undefined {
  const parcel = gzipSync(text).toString('base64');
  return parcel.length > MAX_PARCEL_BYTES ? undefined : parcel;
}

/** Decompresses the lock with this digest; undefined when the contents do not match. */
export function unpackLock(digest: string, parcel: string): string | undefined {
  try {
    const bytes = Buffer.from(parcel, 'base64');
    const text = gunzipSync(bytes, { maxOutputLength: MAX_LOCK_BYTES }).toString();
    return sha256(text) === digest ? text : undefined;
  } catch {
    return undefined;
  }
}
