import { join } from 'node:path';
import { ApplicationFailure, Context } from '@temporalio/activity';
import { MainspringError, reportOf } from '../../src/base/errors';
import {
  type InstallProgramInput,
  type InstallStep,
  type ProgramInstalled,
  programOfSpec,
  DEFAULT_INSTALL_CONCURRENCY,
  INSTALL_HEARTBEAT_INTERVAL_MS,
} from '../../src/domain/programs/installs';
import { type Program, type ProgramPin, programText } from '../../src/domain/programs/programs';
import { verifySpec } from '../../src/inventory/signature';
import { openServerLog } from '../../src/process/log-file';
import { createMask } from '../../src/process/mask';
import { packLock } from '../../src/programs/lock-parcel';
import { checkPrerequisites } from '../../src/programs/prerequisites';
import { type HostDeps } from '../deps';
import { heartbeatNow } from '../host/heartbeat-now';
import { createLimiter } from '../../src/async/limiter';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';
import { type InstallIo } from '../../src/programs/installer';

/** Limits concurrent installations: the first starts of many servers must not starve the machine. */
const installLimiter = createLimiter(DEFAULT_INSTALL_CONCURRENCY);

/** Path of the log with the output of a server's installation. */
const installLogFile = (home: string, name: string) =>
  join(home, 'logs', 'installs', `${name}.log`);

/** Installs the program of a spec on this host. */
export async function installProgram(
  deps: HostDeps,
  input: InstallProgramInput,
): Promise<ProgramInstalled> {
  const { force, skipPrerequisites, signed, inTurn } = input;
  return withProgram(deps, signed, async ({ source, pin, allowScripts }, io, where) => {
    if (!skipPrerequisites) await checkPrerequisites(source, deps.env, deps.home);
    const install = () => deps.programs.install({ source, pin, allowScripts, force }, io);
    if (inTurn) io.onStep('waiting for its turn');
    const installed = await (inTurn ? installLimiter(install, io.signal) : install());
    const { blockedScripts } = installed;
    const reused = installed.reused && !installed.awaited;
    const lock = await packedLock(deps, installed.pin);
    return { pin: installed.pin, lock, blockedScripts, reused, ...where };
  });
}

/** Returns the packed lock of a pin, which hosts with other data directories get from the control worker. */
async function packedLock({ store }: HostDeps, { lock }: ProgramPin): Promise<string | undefined> {
  const text = lock && (await store.locks.get(lock));
  return text ? packLock(text) : undefined;
}

/** Returns the newest version of the program of a spec. */
export async function latestVersion(
  deps: HostDeps,
  { signed }: { signed: SignedSpec },
): Promise<string> {
  return withProgram(deps, signed, ({ source }, io) => deps.programs.latest(source, io));
}

type Where = Pick<InstallStep, 'host' | 'logFile'>;

/** Sends heartbeats meanwhile, and separates errors that are worth a retry from others. */
async function withProgram<Result>(
  deps: HostDeps,
  signed: SignedSpec,
  work: (program: Program, io: InstallIo, where: Where) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  const { name } = signed.spec;
  const where = { host: deps.hostId, logFile: installLogFile(deps.home, name) };
  const log = openServerLog(where.logFile, createMask([]));
  let step = 'begins';
  const beat = () => heartbeatNow(deps.client, context, { step, ...where } satisfies InstallStep);
  const timer = setInterval(beat, INSTALL_HEARTBEAT_INTERVAL_MS);
  const io: InstallIo = {
    signal: context.cancellationSignal,
    onStep: (now) => {
      step = now;
      beat();
    },
    log: (line) => log.append(line),
  };
  try {
    verifySpec(deps.key, signed);
    const program = programOfSpec(signed);
    if (!program)
      throw new MainspringError('NOT_INSTALLABLE', `"${name}" is not installed by Mainspring.`);
    io.log(`# ${new Date().toISOString()} ${programText(program)}`);
    return await work(program, io, where);
  } catch (error) {
    for (const line of reportOf(error).message.split('\n')) io.log(line);
    throw context.cancellationSignal.aborted
      ? error
      : failureOf(error, programOfSpec(signed), where);
  } finally {
    clearInterval(timer);
    await log.close();
  }
}

/** Returns the failure for an error: only what the network may have caused is retried. */
function failureOf(error: unknown, program: Program | undefined, where: Where): unknown {
  if (!(error instanceof MainspringError)) return error;
  const { code, fix } = error;
  const message = program ? `${programText(program)}: ${error.message}` : error.message;
  const nonRetryable = code !== 'REGISTRY_UNREACHABLE';
  return ApplicationFailure.create({ message, type: code, nonRetryable, details: [fix, where] });
}
