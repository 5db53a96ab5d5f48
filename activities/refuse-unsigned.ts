import { ApplicationFailure, type Context } from '@temporalio/activity';
import { type ActivityInterceptorsFactory, type WorkerOptions } from '@temporalio/worker';
import { type CallFailureDetails } from '../src/domain/calls/calls';
import { ERROR_FIXES } from '../src/base/errors';
import { NOT_SIGNED } from '../src/domain/trust/signed-inputs';
import { isUnsigned } from '../src/domain/trust/unsigned-values';
import { REPLACE_REFUSED } from '../src/domain/entity/session';
import { signedPayloads } from '../src/temporal/signed-payloads';

const FIX = ERROR_FIXES.INPUT_UNTRUSTED;

/** What every worker of ours is made with: it signs what it says, and enters no activity with what was not signed for it. */
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

/** Only objects can be told apart: all inputs are. */
function isSigned(input: unknown): boolean {
  return typeof input === 'object' && input !== null && !isUnsigned(input);
}

/** The failure of an activity that was not entered. */
export function untrusted(message: string, details: unknown[]): ApplicationFailure {
  return ApplicationFailure.create({
    message,
    type: 'INPUT_UNTRUSTED',
    nonRetryable: true,
    details,
  });
}

/** As those who wait for such an activity expect it. */
function detailsFor({ activityType, attempt }: Context['info']): unknown[] {
  switch (activityType) {
    case 'callTool': {
      // An attempt before this one may have been made by a host that did not ask for signatures.
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
