import { gunzipSync, gzipSync } from 'node:zlib';
import { sha256 } from '../base/sha256';

/** Of a lock on its way through Temporal, which refuses payloads over 2 MiB. */
const MAX_PARCEL_BYTES = 1024 * 1024;
const MAX_LOCK_BYTES = 64 * 1024 * 1024;

/** A lock as it goes through Temporal; undefined for one that is too large for that. */
export function packLock(text: string): string | undefined {
  const parcel = gzipSync(text).toString('base64');
  return parcel.length > MAX_PARCEL_BYTES ? undefined : parcel;
}

/** The lock of this digest; undefined when something else is in the parcel. */
export function unpackLock(digest: string, parcel: string): string | undefined {
  try {
    const bytes = Buffer.from(parcel, 'base64');
    const text = gunzipSync(bytes, { maxOutputLength: MAX_LOCK_BYTES }).toString();
    return sha256(text) === digest ? text : undefined;
  } catch {
    return undefined;
  }
}
