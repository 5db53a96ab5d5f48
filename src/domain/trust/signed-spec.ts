import { type ServerSpec } from '../spec';

/** Spec with the HMAC that proves that a holder of the data directory's key wrote it. */
export interface SignedSpec {
  spec: ServerSpec;
  signature: string;
}
