import { canonicalJson } from '../../base/canonical-json';
import { type JsonObject } from '../../base/json';
import { sha256 } from '../../base/sha256';

/** Temporal's limit. */
const MAX_FAIRNESS_KEY_BYTES = 64;

/** Names a key of one principal: nobody else's equal key means the same call. */
export function keyDigest(principal: string, key: string): string {
  return sha256(canonicalJson([principal, key]));
}

/** Tells whether a key is used again for the same call, or by mistake for another one. */
export function callDigest(tool: string, args: JsonObject): string {
  return sha256(canonicalJson([tool, args]));
}

/** Who a call counts for where calls wait: the principal itself, so that a person sees it in Temporal, or its digest. */
export function fairnessKey(principal: string): string {
  return Buffer.byteLength(principal) <= MAX_FAIRNESS_KEY_BYTES ? principal : sha256(principal);
}
