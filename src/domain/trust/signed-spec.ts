import { type ServerSpec } from '../spec';

/** A spec with the HMAC that proves that it was written by someone with the data directory's key. */
export interface SignedSpec {
  spec: ServerSpec;
  signature: string;
}
