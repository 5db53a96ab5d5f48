import { ApplicationFailure, type Context } from '@temporalio/activity';
import { type ActivityInterceptorsFactory, type WorkerOptions } from '@temporalio/worker';
import { type CallFailureDetails } from '../src/domain/calls/calls';
import { ERROR_FIXES } from '../src/base/errors';
import { NOT_SIGNED } from '../src/domain/trust/signed-inputs';
import { isUnsigned } from '../src/domain/trust/unsigned-values';
import { REPLACE_REFUSED } from '../src/domain/entity/session';
import { signedPayloads } from '../src/temporal/signed-payloads';

const FIX = ERROR_FIXES.INPUT_UNTRUSTED;

/**
 * Returns the options of every worker of ours: it signs what it sends, and enters no activity with input that was not
 * signed for it.
 */
export function signedOnly(key: Buffer): Pick<WorkerOptions, 'dataConverter' | 'interceptors'> {
  return {
    dataConverter: {
      payloadCodecs: [signedPayloads(key, 'mark')],
      payloadConverterPath: require.resolve('../src/temporal/unsigned-converter'),
    },
    interceptors: { activity: [refuseUnsigned] },
  };
}

const refuseUnsigned: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    async execute(input, next) {
      if (input.args.length > 0 && input.args.every(isSigned)) return next(input);
      const message = `The input of ${info.activityType} ${NOT_SIGNED}.`;
      throw untrusted(message, detailsFor(info));
    },
  },
});

/** Whether an input is signed. Only objects can be: all inputs are. */
function isSigned(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !isUnsigned(input);
}

/** Returns the failure of an activity that was not entered. */
export function untrusted(message: string, details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'INPUT_UNTRUSTED',
    nonRetryable: true,
    details,
  });
}

/** Returns the details that the callers of such an activity expect. */
function detailsFor({ activityType, attempt }: Context['info']): unknown[] {
  switch (activityType) {
    case 'callTool': {
      // An earlier attempt may have been made by a host that did not check signatures.
      const outcome = attempt === 1 ? 'failed' : 'unknown';
      return [{ outcome, digest: '', queuedMs: 0, ranMs: 0 } satisfies CallFailureDetails];
    }
    case 'runServer':
      // It began before inputs were signed: its entity waits a moment, and starts a session that is.
      return ['crash-loop', FIX];
    case 'replaceChild':
      return [REPLACE_REFUSED, FIX];
    default:
      return [FIX];
  }
}
