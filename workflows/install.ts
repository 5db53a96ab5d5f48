import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type ControlActivities, type HostActivities } from '../src/domain/activity-types';
import {
  type InstallEnded,
  type InstallInput,
  type InstallProgramInput,
  type InstallReport,
  type ProgramInstalled,
} from '../src/domain/programs/installs';
import { CONTROL_QUEUE, errandQueue, serverWorkflowId } from '../src/domain/names';
import { answerReads } from './answer-reads';
import { described } from './described';
import { control } from './control';
import { installEndedSignal, installReportQuery } from './messages';
import { cancelled, errorOf, failureOf } from './install-failure';
import { attributesOfServer } from './presentation';
import { firstReport, installDetailsOf } from './install-report';
import { VALIDATION_TIMEOUT_MS } from '../src/domain/servers/validation';

/** Attempts of an installation whose registry cannot be reached, or whose host dies. */
const INSTALL_ATTEMPTS = 6;
/** A host that is silent for this long during an installation is lost. */
const INSTALL_HEARTBEAT_TIMEOUT_MS = 10_000;
/** Longest attempt; large images and slow networks fit into it. */
const INSTALL_TIMEOUT_MS = 3_600_000;
/** Longest wait for a server to come up with a new version, its own timeouts included. */
const SWITCH_TIMEOUT_MS = 30 * 60_000;

const host = proxyActivities<HostActivities>({
  startToCloseTimeout: INSTALL_TIMEOUT_MS,
  heartbeatTimeout: INSTALL_HEARTBEAT_TIMEOUT_MS,
  // Only what the network may have caused is thrown as worth another try.
  retry: {
    initialInterval: '1 s',
    backoffCoefficient: 2,
    maximumInterval: '30 s',
    maximumAttempts: INSTALL_ATTEMPTS,
  },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
const validation = proxyActivities<HostActivities>({
  startToCloseTimeout: VALIDATION_TIMEOUT_MS,
  heartbeatTimeout: INSTALL_HEARTBEAT_TIMEOUT_MS,
  retry: { initialInterval: '100 ms', maximumAttempts: INSTALL_ATTEMPTS },
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
const switching = proxyActivities<ControlActivities>({
  taskQueue: CONTROL_QUEUE,
  startToCloseTimeout: SWITCH_TIMEOUT_MS,
  heartbeatTimeout: INSTALL_HEARTBEAT_TIMEOUT_MS,
  retry: { initialInterval: '1 s', maximumInterval: '5 s' },
});

/**
 * Installs the program of one server and records the result. The entity of the server is notified; an upgrade also
 * validates the new version, switches the server to it, and back to the old one when it does not start.
 *
 * @throws a failure with the report, when it has failed or was cancelled
 */
export async function mcpInstall(input: InstallInput): Promise<InstallReport> {
  let report = firstReport(input);
  const show = (change: Partial<InstallReport>) => {
    report = { ...report, ...change };
    setCurrentDetails(installDetailsOf(report));
  };
  setHandler(installReportQuery, () => report, described(installReportQuery));
  answerReads(() => [report]);
  upsertSearchAttributes(attributesOfServer(input.name));
  show({ status: 'installing', detail: 'started' });
  const startedAtMs = Date.now();
  let signed: InstallEnded['signed'];
  try {
    const installed = await host.installProgram.executeWithOptions(
      {
        summary: `install ${report.method} for ${input.name}`,
        taskQueue: errandQueue(input.signed.spec.requires),
      },
      [programInputOf(input)],
    );
    show({ ...shownOf(installed) });
    signed = input.upgrade
      ? await upgrade(input, installed, show)
      : await record(input, installed, show);
  } catch (error) {
    const isCancelled = isCancellation(error);
    const reported = isCancelled ? cancelled(input) : errorOf(error);
    const status = isCancelled ? 'cancelled' : 'failed';
    show({ status, detail: reported.message, error: reported, ...failureSiteOf(error) });
  }
  show({ seconds: (Date.now() - startedAtMs) / 1_000 });
  await CancellationScope.nonCancellable(() =>
    notifyEntity(input.name, { signed, error: report.error }),
  );
  if (report.error) throw failureOf(report);
  return report;
}

function programInputOf(input: InstallInput): InstallProgramInput {
  const { signed, force, skipPrerequisites, inTurn } = input;
  return { signed, force, skipPrerequisites, inTurn };
}

type Show = (change: Partial<InstallReport>) => void;

async function record(
  { name, wish }: InstallInput,
  { pin, lock, reused }: ProgramInstalled,
  show: Show,
): Promise<InstallEnded['signed']> {
  const { signed } = await control.recordInstall({ name, wish, pin, lock });
  const there = `${pin.name} ${pin.version} ${reused ? 'was already installed' : 'is installed'}`;
  const detail = signed ? there : `${there}, but the inventory has changed meanwhile`;
  show({ status: reused ? 'unchanged' : 'installed', detail });
  return signed;
}

async function upgrade(
  input: InstallInput,
  installed: ProgramInstalled,
  show: Show,
): Promise<InstallEnded['signed']> {
  const { name, wish, actor, correlationId } = input;
  const { pin, lock } = installed;
  if (input.validate) await validate(input, installed, show);
  show({ status: 'switching', detail: `switching ${name} to ${pin.version}` });
  const { signed, previous } = await control.recordInstall({ name, wish, pin, lock });
  show({ oldVersion: previous?.version });
  const reload = () =>
    switching.reloadServer.executeWithOptions({ summary: `reload ${name}` }, [
      { name, actor, correlationId },
    ]);
  try {
    await reload();
  } catch (error) {
    await CancellationScope.nonCancellable(async () => {
      await control.recordInstall({ name, wish, pin: previous });
      await reload().catch((again: unknown) => log.warn('the old version failed too', { again }));
    });
    const { code, message } = errorOf(error);
    const back = previous ? `; rolled back to ${previous.version}` : '';
    throw ApplicationFailure.nonRetryable(`${pin.version} did not start: ${message}${back}`, code);
  }
  show({ status: 'installed', detail: `${previous?.version ?? 'nothing'} → ${pin.version}` });
  return signed;
}

/** Validates the new version beside the old one, which keeps running. */
async function validate(
  { name, signed }: InstallInput,
  { pin, lock }: ProgramInstalled,
  show: Show,
): Promise<void> {
  show({ status: 'validating', detail: `trying ${pin.version}` });
  const trial = await control.pinSpec({ signed, pin, lock });
  const report = await validation.validateServer.executeWithOptions(
    {
      summary: `validate ${pin.name} ${pin.version} for ${name}`,
      taskQueue: errandQueue(trial.spec.requires),
    },
    [{ signed: trial }],
  );
  show({ validation: report });
  if (report.passed) return;
  const failed = report.checks.filter(({ status }) => status === 'failed');
  const reasons = failed.map((check) => `${check.name}: ${check.detail}`).join('; ');
  throw ApplicationFailure.nonRetryable(
    `${pin.version} failed validation: ${reasons}`,
    'VALIDATION_FAILED',
  );
}

/** Notifies the entity; a server that was never started has none. */
async function notifyEntity(name: string, said: Omit<InstallEnded, 'id'>): Promise<void> {
  const ended = { ...said, id: workflowInfo().workflowId };
  try {
    await getExternalWorkflowHandle(serverWorkflowId(name)).signal(installEndedSignal, ended);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info('there is no entity to notify', { name });
  }
}

function shownOf({ pin, blockedScripts, host, logFile }: ProgramInstalled): Partial<InstallReport> {
  const { version, integrity } = pin;
  return { version, integrity, blockedScripts, host, logFile };
}

/** Returns the host on which it failed, and the log. */
function failureSiteOf(error: unknown): Pick<InstallReport, 'host' | 'logFile'> {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const [, where] = (cause instanceof ApplicationFailure && cause.details) || [];
  return isFailureSite(where) ? { host: where.host, logFile: where.logFile } : {};
}

function isFailureSite(value: unknown): value is { host: string; logFile: string } {
  return typeof value === 'object' && value !== null && 'host' in value && 'logFile' in value;
}
