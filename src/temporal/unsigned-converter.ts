import {
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';
import { markUnsigned, type SignatureFault, UnsignedValue } from '../domain/trust/unsigned-values';

/** Member of a payload's metadata, set by the codec of our workers (signed-payloads.ts). */
const MEMBER = 'unsigned';
/** Encoded as one byte: workflow code cannot decode text. */
const FAULTS: readonly SignatureFault[] = ['missing', 'wrong'];

/** Marks a payload with its fault for `payloadConverter`. */
export function withFault({ metadata, data }: Payload, fault: SignatureFault): Payload {
  return { metadata: { ...metadata, [MEMBER]: Uint8Array.of(FAULTS.indexOf(fault)) }, data };
}

/**
 * Converter of our workers, also in workflow code: `isUnsigned` returns the fault that their codec
 * has found. The values stay unchanged, because histories from before signatures existed must
 * replay to the same commands in the same order.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context) => defaultPayloadConverter.toPayload(value, context),

  fromPayload<T>(payload: Payload, context?: SerializationContext): T {
    const mark = payload.metadata?.[MEMBER];
    if (!mark) return defaultPayloadConverter.fromPayload(payload, context);
    const fault = FAULTS[mark[0] ?? 0] ?? 'missing';
    return marked(valueOf(payload, context), fault, context) as T; // users check `isUnsigned` first
  },
};

/** A payload that cannot be read must not block the workflow. */
function valueOf(payload: Payload, context: SerializationContext | undefined): unknown {
  try {
    return defaultPayloadConverter.fromPayload<unknown>(payload, context);
  } catch {
    return null;
  }
}

function marked(
  value: unknown,
  fault: SignatureFault,
  context: SerializationContext | undefined,
): unknown {
  if (typeof value === 'object' && value !== null) {
    markUnsigned(value, fault);
    return value;
  }
  // Inputs of activities are objects, and their other payloads are not checked.
  return context?.type === 'workflow' ? new UnsignedValue(value, fault) : value;
}
