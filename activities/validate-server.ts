import { ApplicationFailure, Context } from '@temporalio/activity';
import { MainspringError } from '../src/base/errors';
import { HEARTBEAT_INTERVAL_MS } from '../src/domain/limits';
import { type ServerSpec } from '../src/domain/spec';
import {
  type ValidateInput,
  type ValidationReport,
  type ValidationStep,
} from '../src/domain/servers/validation';
import { verifySpec } from '../src/inventory/signature';
import { validateServer as validate } from '../src/validation/validate-server';
import { type HostDeps } from './deps';
import { type Mask } from '../src/process/mask';
import { heartbeatNow } from './host/heartbeat-now';
import { connect, serverLogFile } from './session/launch';
import { runnable } from './session/runnable';

/** Tries a server out in separate instances, whether it is in the inventory or not, and reports the results. */
export async function validateServer(
  deps: HostDeps,
  { signed, quick }: ValidateInput,
): Promise<ValidationReport> {
  const context = Context.current();
  const { cancellationSignal: signal } = context;
  let check = 'install';
  const beat = () => {
    const step: ValidationStep = { check, host: deps.hostId };
    heartbeatNow(deps.client, context, step);
  };
  const timer = setInterval(beat, HEARTBEAT_INTERVAL_MS);
  beat();
  try {
    const spec = trusted(() => verifySpec(deps.key, signed));
    // Before the clock of the first start runs. If it cannot be installed, that start fails with the reason.
    await runnable(deps, spec, signal).catch(() => undefined);
    signal.throwIfAborted();
    const onCheck = (name: string) => {
      check = name;
      beat();
    };
    return await validate(...trialOf(deps, spec, { signal, quick, onCheck }));
  } catch (error) {
    throw signal.aborted ? endOf(context, deps) : error;
  } finally {
    clearInterval(timer);
  }
}

type Validate = Parameters<typeof validate>;

function trialOf(
  deps: HostDeps,
  spec: ServerSpec,
  options: Pick<Validate[1], 'signal' | 'quick' | 'onCheck'>,
): Validate {
  const logFile = serverLogFile(deps.home, `${spec.name}.validation`);
  const masks: Mask[] = [];
  const start: Validate[0]['start'] = async (wanted, signal) => {
    const connected = await connect(deps, wanted, { signal, logFile });
    masks.push(connected.mask);
    return connected.connection;
  };
  return [
    { spec, start },
    // A server may have got its credential in an earlier start than the one that is checked without it.
    { ...options, mask: (text) => masks.reduce((shown, mask) => mask(shown), text) },
  ];
}

/** Returns the end of the activity: a cancellation ends it; on a host that drains, the next one starts over. */
function endOf(
  { cancellationDetails, cancellationSignal }: Context,
  { hostId }: HostDeps,
): unknown {
  if (!cancellationDetails?.workerShutdown) return cancellationSignal.reason;
  const message = `host ${hostId} is draining`;
  return ApplicationFailure.create({ message, type: 'HOST_LOST', nextRetryDelay: '1 ms' });
}

function trusted(verify: () => ServerSpec): ServerSpec {
  try {
    return verify();
  } catch (error) {
    if (!(error instanceof MainspringError)) throw error;
    const { message, code, fix } = error;
    throw ApplicationFailure.create({ message, type: code, nonRetryable: true, details: [fix] });
  }
}
