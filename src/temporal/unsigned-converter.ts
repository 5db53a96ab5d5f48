import {
  defaultPayloadConverter,
  type Payload,
  type PayloadConverter,
  type SerializationContext,
} from '@temporalio/common';
import { markUnsigned, type SignatureFault, UnsignedValue } from '../domain/trust/unsigned-values';

/** In the metadata of a payload, set by the codec of our workers (signed-payloads.ts). */
const MEMBER = 'unsigned';
/** One byte each: workflow code has no means to read a text. */
const FAULTS: readonly SignatureFault[] = ['missing', 'wrong'];

/** The payload, for `payloadConverter` to see what is wrong with it. */
export function withFault({ metadata, data }: Payload, fault: SignatureFault): Payload {
  return { metadata: { ...metadata, [MEMBER]: Uint8Array.of(FAULTS.indexOf(fault)) }, data };
}

/**
 * The converter of our workers, in workflow code too: `isUnsigned` knows what their codec has found to be unsigned. The values
 * stay as they are, because histories of before there were signatures must replay to the same commands in the same order.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value, context) => defaultPayloadConverter.toPayload(value, context),

  fromPayload<T>(payload: Payload, context?: SerializationContext): T {
    const mark = payload.metadata?.[MEMBER];
    if (!mark) return defaultPayloadConverter.fromPayload(payload, context);
    const fault = FAULTS[mark[0] ?? 0] ?? 'missing';
    return marked(valueOf(payload, context), fault, context) as T; // whoever takes it asks `isUnsigned` first
  },
};

/** What cannot be read must not keep a workflow from going on. */
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
  // Activities have objects as inputs, and their other results are not looked at.
  return context?.type === 'workflow' ? new UnsignedValue(value, fault) : value;
}
