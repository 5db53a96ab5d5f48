import { createHash } from 'node:crypto';
import { type JsonObject } from '../domain/calls';
import { canonicalJson } from '../domain/canonical-json';

/** Names a key of one principal: nobody else's equal key means the same call. */
export function keyDigest(principal: string, key: string): string {
  return sha256(canonicalJson([principal, key]));
}

/** Tells whether a key is used again for the same call, or by mistake for another one. */
export function callDigest(tool: string, args: JsonObject): string {
  return sha256(canonicalJson([tool, args]));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
