import { canonicalJson } from '../../base/canonical-json';
import { type JsonObject } from '../../base/json';
import { sha256 } from '../../base/sha256';

/** Longest key that Temporal accepts. */
const MAX_FAIRNESS_KEY_BYTES = 64;

/** Digest of a key of one principal: an equal key of another principal means another call. */
export function keyDigest(principal: string, key: string): string {
  return sha256(canonicalJson([principal, key]));
}

/** Digest that shows whether a key is used again for the same call, or by mistake for another one. */
export function callDigest(tool: string, args: JsonObject): string {
  return sha256(canonicalJson([tool, args]));
}

/** Key by which a call is counted in the queue: the principal itself, readable in Temporal, or its digest. */
export function fairnessKey(principal: string): string {
  return Buffer.byteLength(principal) <= MAX_FAIRNESS_KEY_BYTES ? principal : sha256(principal);
}
