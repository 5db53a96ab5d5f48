import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ChildWorkflowCancellationType,
  condition,
  executeChild,
  ParentClosePolicy,
  patched,
  setCurrentDetails,
  setHandler,
  sleep,
  CancellationScope,
} from '@temporalio/workflow';
import { nextInstalls } from '../src/domain/programs/install-plan';
import {
  type InstallAllInput,
  type InstallInput,
  type InstallReport,
  installWorkflowId,
} from '../src/domain/programs/installs';
import { sourceName } from '../src/domain/programs/programs';
import { described } from './described';
import { mcpInstall } from './install';
import { reportOfFailure } from './install-failure';
import { firstReport } from './install-report';
import { answerReads } from './answer-reads';
import { installReportsQuery } from './messages';

/** Pause before the next attempt while somebody else installs the same program: then ours finds it done. */
const JOIN_RETRY = '1 s';

/** Installs the programs of many servers, a few at once, after those of their dependencies. */
export async function mcpInstallAll(input: InstallAllInput): Promise<InstallReport[]> {
  const { items, concurrency } = input;
  const rules = { concurrency, keepsInstalled: patched('keeps-installed') };
  const reports = new Map(items.map((item) => [item.input.name, firstReport(item.input)]));
  const ended = new Map<string, InstallReport>();
  const running = new Set<string>();
  setHandler(installReportsQuery, () => [...reports.values()], described(installReportsQuery));
  answerReads(() => [...reports.values()]);
  const end = (report: InstallReport) => {
    running.delete(report.server);
    ended.set(report.server, report);
    reports.set(report.server, report);
    setCurrentDetails(`${ended.size} of ${items.length} done`);
  };
  const begin = (item: InstallInput) => {
    running.add(item.name);
    reports.set(item.name, { ...firstReport(item), status: 'installing' });
    void install(item).then(end);
  };

  while (ended.size < items.length) {
    const { start, skip } = nextInstalls(items, ended, running, rules);
    for (const { item, reason } of skip) {
      end({ ...firstReport(item.input), status: 'skipped', detail: reason });
    }
    const isCancelled = CancellationScope.current().consideredCancelled;
    for (const { input: item } of start) {
      if (isCancelled) end({ ...firstReport(item), status: 'cancelled', detail: 'not started' });
      else begin(item);
    }
    const { size } = ended;
    if (size < items.length && start.length + skip.length === 0)
      await someChange(() => ended.size > size);
  }
  return items
    .map(({ input: { name } }) => reports.get(name))
    .filter((report) => report !== undefined);
}

/** Waits for a change. A cancellation reaches the installations by itself; here it only must not cut off their reports. */
async function someChange(hasChanged: () => boolean): Promise<void> {
  await CancellationScope.nonCancellable(() => condition(hasChanged));
}

async function install(input: InstallInput): Promise<InstallReport> {
  try {
    return await startOrJoin(input);
  } catch (error) {
    return reportOfFailure(input, error);
  }
}

async function startOrJoin(input: InstallInput): Promise<InstallReport> {
  const askedAtMs = Date.now();
  let hasWaited = false;
  for (;;) {
    try {
      const report = await executeChild(mcpInstall, {
        workflowId: installWorkflowId(input),
        args: [input],
        parentClosePolicy: ParentClosePolicy.REQUEST_CANCEL,
        cancellationType: ChildWorkflowCancellationType.WAIT_CANCELLATION_COMPLETED,
        staticSummary: `install ${input.name}`,
      });
      return hasWaited ? afterWait(input, report, Date.now() - askedAtMs) : report;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      hasWaited = true;
      await sleep(JOIN_RETRY);
    }
  }
}

/** Corrects the report of an installation that waited for another one: what that has installed was not there before. */
function afterWait({ wish }: InstallInput, report: InstallReport, tookMs: number): InstallReport {
  if (report.status !== 'unchanged') return report;
  const detail = `${sourceName(wish)} ${report.version ?? ''} was installed by an installation already in progress`;
  return { ...report, status: 'installed', detail, seconds: tookMs / 1_000 };
}
