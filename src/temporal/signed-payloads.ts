import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { type Payload, type PayloadCodec, type SerializationContext } from '@temporalio/common';
import { type SignatureFault } from '../domain/trust/unsigned-values';
import { withFault } from './unsigned-converter';

const PURPOSE = 'mainspring payloads 1';
const KEY_BYTES = 32;
/** 128 bits. Temporal allows 400 bytes for a summary, and this takes a share of it. */
const SIGNATURE_BYTES = 16;
/** Member of a payload's metadata, beside its encoding. */
const MEMBER = 'signature';
const NOTHING = Buffer.alloc(0);

/**
 * Signs everything that our processes write to Temporal with the key of the data directory, bound
 * to the workflow or activity that it is for. The content stays readable. Workflow code needs no
 * key, because codecs run outside of it.
 *
 * @param mode - `mark`, for workers: payloads without a valid signature for their target are marked
 * (unsigned-converter.ts). `accept`, for readers: payloads are accepted as they are, so that
 * results from before signatures existed can be read.
 */
export function signedPayloads(key: Buffer, mode: 'mark' | 'accept'): PayloadCodec {
  const signingKey = Buffer.from(hkdfSync('sha256', key, '', PURPOSE, KEY_BYTES));
  const signatureOf = ({ metadata, data }: Payload, target: string): Buffer =>
    createHmac('sha256', signingKey)
      .update(`${target}\0`)
      .update(bytesOf(metadata?.['encoding']))
      .update('\0')
      .update(bytesOf(data))
      .digest()
      .subarray(0, SIGNATURE_BYTES);
  const faultOf = (payload: Payload, target: string): SignatureFault | undefined => {
    const given = bytesOf(payload.metadata?.[MEMBER]);
    if (given.length === 0) return 'missing';
    const expected = signatureOf(payload, target);
    const isRight = given.length === expected.length && timingSafeEqual(given, expected);
    return isRight ? undefined : 'wrong';
  };
  return {
    async encode(payloads, context) {
      const target = targetOf(context);
      return payloads.map((payload) => ({
        ...payload,
        metadata: { ...payload.metadata, [MEMBER]: signatureOf(payload, target) },
      }));
    },

    async decode(payloads, context) {
      if (mode === 'accept' || !context) return payloads;
      const target = targetOf(context);
      return payloads.map((payload) => {
        const fault = faultOf(payload, target);
        return fault ? withFault(payload, fault) : payload;
      });
    },
  };
}

/**
 * Names the workflow or activity of a payload in the same way for both sides. For an activity
 * outside of workflows, one side gives "" as its workflow.
 */
function targetOf(context: SerializationContext | undefined): string {
  const workflowId = context?.workflowId ?? '';
  if (context?.type !== 'activity') return JSON.stringify(['workflow', workflowId]);
  return JSON.stringify(['activity', workflowId, context.activityId]);
}

/** An absent value may be an empty array that is not a Uint8Array. */
function bytesOf(value: Uint8Array | null | undefined): Uint8Array {
  return value?.length ? value : NOTHING;
}
