import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { type RequestOrigin } from '../src/domain/entity/entity';
import { type InstallEnded, type InstallReport } from '../src/domain/programs/installs';
import { type SessionFinding } from '../src/domain/isolation/isolation';
import { type CommandInput, type OrderInput, type ServerSnapshot } from '../src/domain/messages';
import {
  type SessionBackoff,
  type SessionExited,
  type SessionHealth,
  type SessionMoved,
  type SessionReady,
} from '../src/domain/entity/session';

/** Answers when done (or accepted, with `wait: false`); a refusal says what would be possible. */
export const startUpdate = defineUpdate<ServerSnapshot, [CommandInput]>('start');
export const stopUpdate = defineUpdate<ServerSnapshot, [CommandInput]>('stop');
export const restartUpdate = defineUpdate<ServerSnapshot, [CommandInput]>('restart');
/** Applies the spec that the inventory has now; an unchanged server is left alone. */
export const reloadUpdate = defineUpdate<ServerSnapshot, [CommandInput]>('reload');
export const removeUpdate = defineUpdate<ServerSnapshot, [CommandInput]>('remove');

/** Circuit breaker, quarantine, maintenance and approval of tools. */
export const isolationUpdate = defineUpdate<ServerSnapshot, [OrderInput]>('isolation');
/** Reports a call: starts a server that is asleep, and changes nothing for any other. */
export const wakeSignal = defineSignal<[RequestOrigin]>('wake');

/** The same commands without an answer, for the Temporal UI and CLI. */
export const startSignal = defineSignal('start');
export const stopSignal = defineSignal('stop');
export const restartSignal = defineSignal('restart');
export const reloadSignal = defineSignal('reload');

/**
 * Returns to clients what the query `snapshot` returns: an update that its validator always rejects, with the snapshot
 * as the detail of the failure. It leaves nothing in the history. A query may be handed to a busy worker together with
 * signals that no workflow task has taken yet: they then run in another order than on replay, which ends the workflow
 * for good.
 */
export const readUpdate = defineUpdate<never>('read');
export const snapshotQuery = defineQuery<ServerSnapshot>('snapshot');

/** Sent to a session together with its cancellation; it changes nothing more, but fails when the session is over. */
export const sessionEndSignal = defineSignal('end');

/** Reports from the owner of a session to the entity. */
export const sessionReadySignal = defineSignal<[SessionReady]>('sessionReady');
export const sessionBackoffSignal = defineSignal<[SessionBackoff]>('sessionBackoff');
export const sessionMovedSignal = defineSignal<[SessionMoved]>('sessionMoved');
export const sessionHealthSignal = defineSignal<[SessionHealth]>('sessionHealth');
export const sessionFindingSignal = defineSignal<[SessionFinding]>('sessionFinding');
export const sessionExitedSignal = defineSignal<[SessionExited]>('sessionExited');

/** Report of an installation that has ended to the entity of its server. */
export const installEndedSignal = defineSignal<[InstallEnded]>('installEnded');
export const installReportQuery = defineQuery<InstallReport>('report');
export const installReportsQuery = defineQuery<InstallReport[]>('reports');
