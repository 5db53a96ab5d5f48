import { ApplicationFailure } from '@temporalio/common';
import {
  log,
  patched,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import {
  inputOf,
  NOT_SIGNED,
  refusalOfSignal,
  refusalOfUpdate,
} from '../src/domain/trust/signed-inputs';
import { contentOf, isUnsigned, signatureFault } from '../src/domain/trust/unsigned-values';

/** Marks histories in which something was refused; older ones have accepted unsigned input. */
const PATCH = 'signed-inputs';

/**
 * Lets workflows act only on what was signed for them; it is refused where it arrives, except by the replay of a
 * history that has accepted it. Accepted input is passed on in the same tick: one later, and old histories would replay
 * in another order.
 */
export function interceptors(): WorkflowInterceptors {
  const run = { isSigned: true };
  return { inbound: [inbound(run)], outbound: [outbound(run)] };
}

/** A run that began without a signature began before there were any; under a key that is lost it replays as it ran. */
interface Run {
  isSigned: boolean;
}

const inbound = (run: Run): WorkflowInboundCallsInterceptor => ({
  execute(input, next) {
    run.isSigned = !input.args.some((arg) => signatureFault(arg) === 'missing');
    if (input.args.some(isUnsigned) && patched(PATCH)) {
      return Promise.reject(untrusted(`The input of this workflow ${NOT_SIGNED}.`));
    }
    return next({ ...input, args: input.args.map(contentOf) });
  },

  handleSignal(input, next) {
    const { signalName, args } = input;
    const refusal = refusalOfSignal(signalName, args);
    if (refusal !== undefined && patched(PATCH)) {
      log.warn(`signal ignored: ${refusal}`);
      return Promise.resolve();
    }
    return next({ ...input, args: args.map(contentOf) });
  },

  /** Leaves nothing in the history, and does not happen in a replay. */
  validateUpdate(input, next) {
    const refusal = refusalOfUpdate(input.name, input.args, Date.now());
    if (refusal !== undefined) throw untrusted(`Refused: ${refusal}.`);
    next({ ...input, args: input.args.map(inputOf) });
  },

  handleUpdate: (input, next) => next({ ...input, args: input.args.map(inputOf) }),
});

const outbound = (run: Run): WorkflowOutboundCallsInterceptor => ({
  scheduleActivity(input, next) {
    const result = next(input);
    return run.isSigned ? signedResult(input.activityType, result) : result;
  },
});

/** Returns a signed result: somebody else may have answered in place of our worker. */
async function signedResult(activity: string, result: Promise<unknown>): Promise<unknown> {
  const value = await result;
  if (isUnsigned(value) && patched(PATCH))
    throw untrusted(`The result of ${activity} ${NOT_SIGNED}.`);
  return value;
}

function untrusted(message: string): ApplicationFailure {
  return ApplicationFailure.nonRetryable(message, 'INPUT_UNTRUSTED');
}
