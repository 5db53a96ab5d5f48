import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  continueAsNew,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import {
  type RequestOrigin,
  carriedEntity,
  type EntityState,
  newEntity,
} from '../src/domain/entity/entity';
import {
  removeRequested,
  startRequested,
  stopRequested,
  wakeRequested,
} from '../src/domain/entity/entity-commands';
import { installEnded } from '../src/domain/entity/entity-install';
import {
  commandOf,
  ordered,
  quarantineExpired,
  sessionFound,
} from '../src/domain/entity/entity-isolation';
import { isNoOp, permission } from '../src/domain/entity/entity-permission';
import {
  sessionBackoff,
  sessionExited,
  sessionHealth,
  sessionMoved,
  sessionReady,
} from '../src/domain/entity/entity-session';
import { nextStep } from '../src/domain/entity/entity-step';
import {
  type CommandInput,
  type OrderInput,
  type ServerInput,
  snapshotOf,
} from '../src/domain/messages';
import { type ServerCommand } from '../src/domain/states';
import { answerReads } from './answer-reads';
import { described } from './described';
import { Entity } from './entity';
import * as messages from './messages';
import { untilSettled } from './until-settled';
import { ENTITY_HISTORY_LIMIT } from './history-limit';

/** Origin of a command that was sent as a plain signal. */
const SIGNAL: RequestOrigin = { actor: 'temporal-signal' };

/**
 * Entity of one MCP server: takes commands, starts one session per generation, receives its reports and decides what is
 * next. It continues as new when its history has grown, while its session keeps running.
 */
export async function mcpServer(input: ServerInput): Promise<void> {
  const entity = new Entity(initialState(input));
  setUpCommands(entity);
  setUpSignals(entity);
  setUpSessionReports(entity);
  setHandler(
    messages.snapshotQuery,
    () => snapshotOf(entity.state),
    described(messages.snapshotQuery),
  );
  answerReads(() => snapshotOf(entity.state));
  void entity.flushEvents();
  entity.show();

  for (;;) {
    const step = nextStep(entity.state, Date.now());
    switch (step.do) {
      case 'install':
        await entity.startInstall(entity.state.signed);
        break;
      case 'cancel-install':
        await entity.cancelInstall();
        break;
      case 'start-session':
        await entity.startSession();
        break;
      case 'start-replica':
        await entity.startReplica(step.number);
        break;
      case 'cancel-session':
        await entity.cancelSession();
        break;
      case 'notify-owner':
        entity.tellOwner(step.number);
        break;
      case 'end-quarantine':
        entity.apply((state) => quarantineExpired(state, Date.now()));
        break;
      case 'finish':
        await condition(() => allHandlersFinished() && entity.isIdle());
        return;
      case 'wait':
        if (isTimeToContinue(entity)) {
          await continueAsNew<typeof mcpServer>({ carried: entity.state });
        }
        await waitForChange(entity, step.untilMs);
    }
  }
}

function initialState(input: ServerInput): EntityState {
  if ('carried' in input) return carriedEntity(input.carried);
  return newEntity(input.name, input.signed, workflowInfo().runId, Date.now());
}

function setUpCommands(entity: Entity): void {
  const validator = (command: ServerCommand) => ({
    validator: (_input: CommandInput) => refuse(entity, command),
  });
  // The signatures of an update are only checked where there is a validator (refuse-unsigned.ts).
  const always = { validator: (_input: CommandInput) => undefined };
  const settle = (input: CommandInput) => (input.wait ? untilSettled(entity) : undefined);
  // Not async: one more tick, and older histories would not replay.
  const answer = (already = false) => ({
    ...snapshotOf(entity.state),
    ...(already && { already }),
  });

  setHandler(
    messages.startUpdate,
    async (input: CommandInput) => {
      const already = isNoOp(entity.state, 'start');
      if (!already) entity.apply((state) => startRequested(state, input, Date.now()));
      await settle(input);
      return answer(already);
    },
    { ...validator('start'), ...described(messages.startUpdate) },
  );
  setHandler(
    messages.stopUpdate,
    async (input: CommandInput) => {
      const already = isNoOp(entity.state, 'stop');
      if (!already) {
        entity.apply((state) => stopRequested(state, input, 'stop requested', Date.now()));
      }
      await settle(input);
      return answer(already);
    },
    { ...validator('stop'), ...described(messages.stopUpdate) },
  );
  setHandler(
    messages.restartUpdate,
    async (input: CommandInput) => {
      await entity.restart(input);
      await settle(input);
      return snapshotOf(entity.state);
    },
    { ...validator('restart'), ...described(messages.restartUpdate) },
  );
  setHandler(
    messages.reloadUpdate,
    async (input: CommandInput) => {
      await entity.reload(input);
      await settle(input);
      return snapshotOf(entity.state);
    },
    { ...always, ...described(messages.reloadUpdate) },
  );
  setHandler(
    messages.removeUpdate,
    async (input: CommandInput) => {
      entity.apply((state) => removeRequested(state, input, Date.now()));
      await settle(input);
      return snapshotOf(entity.state);
    },
    { ...always, ...described(messages.removeUpdate) },
  );

  setHandler(
    messages.isolationUpdate,
    async (input: OrderInput) => {
      entity.apply((state) => ordered(state, input.order, input, Date.now()));
      await entity.heard();
      return snapshotOf(entity.state);
    },
    {
      ...described(messages.isolationUpdate),
      validator: ({ order }: OrderInput) => {
        const command = commandOf(order);
        if (command) refuse(entity, command);
      },
    },
  );
}

function setUpSignals(entity: Entity): void {
  setHandler(
    messages.wakeSignal,
    (asked) => entity.apply((state) => wakeRequested(state, asked, Date.now())),
    described(messages.wakeSignal),
  );

  // A signal cannot be answered: one that is not possible now is noted and dropped.
  const ifPossible = (command: ServerCommand, act: () => void | Promise<void>) => async () => {
    const decision = permission(entity.state, command);
    if (!decision.allowed) {
      return entity.note(SIGNAL, `${command} was ignored: ${decision.reason}`);
    }
    try {
      await act();
    } catch (error) {
      // An error that fails an update would fail the whole entity here.
      if (!(error instanceof TemporalFailure)) throw error;
      entity.note(SIGNAL, `${command} failed: ${error.message}`);
    }
  };
  setHandler(
    messages.startSignal,
    ifPossible('start', () => entity.apply((state) => startRequested(state, SIGNAL, Date.now()))),
    described(messages.startSignal),
  );
  setHandler(
    messages.stopSignal,
    ifPossible('stop', () =>
      entity.apply((state) => stopRequested(state, SIGNAL, 'stop requested', Date.now())),
    ),
    described(messages.stopSignal),
  );
  setHandler(
    messages.restartSignal,
    ifPossible('restart', () => entity.restart(SIGNAL)),
    described(messages.restartSignal),
  );
  setHandler(
    messages.reloadSignal,
    ifPossible('reload', () => entity.reload(SIGNAL)),
    described(messages.reloadSignal),
  );
}

function setUpSessionReports(entity: Entity): void {
  setHandler(
    messages.sessionReadySignal,
    (said) => entity.apply((state) => sessionReady(state, said, Date.now())),
    described(messages.sessionReadySignal),
  );
  setHandler(
    messages.sessionBackoffSignal,
    (said) => entity.apply((state) => sessionBackoff(state, said, Date.now())),
    described(messages.sessionBackoffSignal),
  );
  setHandler(
    messages.sessionMovedSignal,
    (said) => entity.apply((state) => sessionMoved(state, said, Date.now())),
    described(messages.sessionMovedSignal),
  );
  setHandler(
    messages.installEndedSignal,
    (said) => entity.apply((state) => installEnded(state, said, Date.now())),
    described(messages.installEndedSignal),
  );
  setHandler(
    messages.sessionHealthSignal,
    (said) => entity.apply((state) => sessionHealth(state, said, Date.now())),
    described(messages.sessionHealthSignal),
  );
  setHandler(
    messages.sessionFindingSignal,
    (said) => entity.apply((state) => sessionFound(state, said, Date.now())),
    described(messages.sessionFindingSignal),
  );
  setHandler(
    messages.sessionExitedSignal,
    (said) => entity.apply((state) => sessionExited(state, said, Date.now(), Math.random())),
    described(messages.sessionExitedSignal),
  );
}

/** Texts of commands whose names have two words. */
const COMMAND_TEXTS: Partial<Record<ServerCommand, string>> = {
  'maintenance on': 'begin the maintenance of',
  'maintenance off': 'end the maintenance of',
};

function refuse({ state: entity }: Entity, command: ServerCommand): void {
  const decision = permission(entity, command);
  if (decision.allowed || isNoOp(entity, command)) return;
  const { name, signed } = entity;
  const isDisabled = !signed.spec.enabled && (command === 'start' || command === 'restart');
  throw ApplicationFailure.nonRetryable(
    `Cannot ${COMMAND_TEXTS[command] ?? command} "${name}": ${decision.reason}.`,
    isDisabled ? 'SERVER_DISABLED' : 'TRANSITION_REFUSED',
  );
}

/** Whether the history has grown, and nothing is under way that continue-as-new would cut off. */
function isTimeToContinue(entity: Entity): boolean {
  const { continueAsNewSuggested, historyLength } = workflowInfo();
  const isLong = continueAsNewSuggested || historyLength > ENTITY_HISTORY_LIMIT;
  return isLong && allHandlersFinished() && entity.isIdle();
}

async function waitForChange(entity: Entity, untilMs: number | undefined): Promise<void> {
  const { version } = entity;
  const changed = () => entity.version !== version || isTimeToContinue(entity);
  if (untilMs === undefined) await condition(changed);
  else await condition(changed, Math.max(1, untilMs - Date.now()));
}
