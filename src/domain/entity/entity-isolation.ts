import { afterOrder } from '../isolation/breaker';
import { type RequestOrigin, type EntityState, isServing, SELF } from './entity';
import { moveTo, note } from './entity-events';
import { isStale } from './entity-owner';
import { sleepRequested } from './entity-commands';
import {
  type ApprovedTools,
  DEFAULT_QUARANTINE,
  type Isolation,
  type IsolationOrder,
  type Quarantine,
  type SessionFinding,
} from '../isolation/isolation';
import { nextQuarantine, orderedQuarantine } from '../isolation/quarantine';
import { type ServerCommand, type ServerState, STATES } from '../states';

/** Approves the tools of the first start; later ones have to be approved. */
export function approvedAtFirst(entity: EntityState, toolsHash: string): EntityState {
  const { isolation } = entity;
  if (isolation.tools) return entity;
  return { ...entity, isolation: { ...isolation, tools: { hash: toolsHash, changes: [] } } };
}

/** Returns the orders that are possible now, as the commands that give them. */
export function possibleOrders({ state, isolation }: EntityState): ServerCommand[] {
  const canBegin = STATES[state].coverable;
  const orders: ServerCommand[] = [];
  if (isolation.quarantine) orders.push('release');
  else if (canBegin) orders.push('quarantine');
  if (isolation.maintenance) orders.push('maintenance off');
  else if (canBegin || isolation.quarantine) orders.push('maintenance on');
  return orders;
}

/** Returns the command that an order needs to be possible; some orders always are. */
export function commandOf(order: IsolationOrder): ServerCommand | undefined {
  switch (order.order) {
    case 'quarantine':
    case 'release':
      return order.order;
    case 'maintenance':
      return order.on ? 'maintenance on' : 'maintenance off';
    case 'breaker':
    case 'approve':
      return undefined;
  }
}

/** Applies an operator's order; owners of sessions are notified. */
export function ordered(
  entity: EntityState,
  order: IsolationOrder,
  origin: RequestOrigin,
  atMs: number,
): EntityState {
  const { isolation } = entity;
  const by = { ...entity, asked: origin };
  switch (order.order) {
    case 'breaker': {
      const breaker = afterOrder(isolation.breaker, order.to, origin.actor);
      return note(changed(by, { breaker }), `circuit breaker: ${order.to} requested`, atMs);
    }
    case 'quarantine':
      return quarantined(by, orderedQuarantine(order, origin.actor, atMs), atMs);
    case 'release':
      return released(changed(by, { quarantines: 0 }), `released by ${origin.actor}`, atMs);
    case 'maintenance':
      return order.on
        ? maintained(by, order.reason ?? `requested by ${origin.actor}`, atMs)
        : uncovered(changed(by, { maintenance: undefined }), 'maintenance ended', atMs);
    case 'approve':
      return approved(by, order.toolsHash, atMs);
  }
}

/** Applies a finding of the owner of a session. */
export function sessionFound(
  entity: EntityState,
  finding: SessionFinding,
  atMs: number,
): EntityState {
  const { isolation, signed } = entity;
  if (isStale(entity, finding)) return entity;
  const own = { ...entity, asked: SELF };
  switch (finding.about) {
    case 'breaker': {
      const { breaker } = finding;
      const isNew = breaker.state !== isolation.breaker.state;
      const next = { ...own, isolation: { ...isolation, breaker } };
      // The other sessions of a server with replicas apply it too.
      const notifying = (signed.spec.replicas ?? 1) > 1 && isNew ? changed(next, {}) : next;
      const reason = breaker.reason ? `: ${breaker.reason}` : '';
      return isNew
        ? note(notifying, `circuit breaker is ${breaker.state}${reason}`, atMs)
        : notifying;
    }
    case 'errors':
      return isolation.quarantine ? entity : quarantinedForErrors(own, finding.reason, atMs);
    case 'probe':
      if (isolation.quarantine?.cause !== 'errors') return entity;
      return finding.passed
        ? released(own, `probe passed: ${finding.reason}`, atMs)
        : quarantinedForErrors(own, finding.reason, atMs);
    case 'success':
      return { ...own, isolation: { ...isolation, quarantines: 0 } };
    case 'tools':
      return toolsFound(own, finding, atMs);
    case 'idle':
      return sleepRequested(own, 'no calls for a while', atMs);
    case 'remark':
      return note(own, finding.reason, atMs);
  }
}

/** Ends an operator's quarantine whose time is over. */
export function quarantineExpired(entity: EntityState, atMs: number): EntityState {
  return released({ ...entity, asked: SELF }, 'quarantine ended', atMs);
}

/** Returns the time at which a quarantine ends by itself, in ms; one for errors ends by a probe of its owner. */
export function quarantineEndMs({ isolation }: EntityState): number | undefined {
  const { quarantine } = isolation;
  return quarantine?.cause === 'operator' ? quarantine.untilMs : undefined;
}

/** Whether an owner has to be notified of a change. */
export function isIsolationOutdated(
  ready: { isolationVersion?: number } | undefined,
  { version }: Isolation,
): boolean {
  return ready !== undefined && (ready.isolationVersion ?? 0) !== version;
}

/**
 * Records that the owner of a session now applies this version.
 *
 * @param expected - version that the owner last reported; nothing changes when it has reported another one meanwhile
 */
export function ownerNotified(
  entity: EntityState,
  number: number,
  version: number,
  expected?: number,
): EntityState {
  const { ready, replicas } = entity;
  const replica = replicas[number];
  const notified = number === 0 ? ready : replica?.ready;
  const isOther = expected !== undefined && notified?.isolationVersion !== expected;
  if (!notified || isOther) return entity;
  const isolationVersion = version;
  if (number === 0) return ready ? { ...entity, ready: { ...ready, isolationVersion } } : entity;
  if (!replica) return entity;
  const next = { ...replica, ready: { ...notified, isolationVersion } };
  return { ...entity, replicas: { ...replicas, [number]: next } };
}

function quarantinedForErrors(entity: EntityState, reason: string, atMs: number): EntityState {
  const { isolation, signed } = entity;
  const policy = signed.spec.quarantine ?? DEFAULT_QUARANTINE;
  const { quarantines } = isolation;
  const next = changed(entity, { quarantines: quarantines + 1 });
  return quarantined(next, nextQuarantine(policy, quarantines, reason, atMs), atMs);
}

function quarantined(entity: EntityState, quarantine: Quarantine, atMs: number): EntityState {
  const next = changed(entity, { quarantine });
  const { untilMs, reason } = quarantine;
  const until = untilMs === undefined ? '' : `, until ${new Date(untilMs).toISOString()}`;
  const text = `${reason}${until}`;
  const isShown = !next.isolation.maintenance && isUp(next);
  return isShown
    ? moveTo(next, 'QUARANTINED', text, atMs)
    : note(next, `quarantined: ${text}`, atMs);
}

function released(entity: EntityState, reason: string, atMs: number): EntityState {
  return uncovered(changed(entity, { quarantine: undefined }), reason, atMs);
}

function maintained(entity: EntityState, reason: string, atMs: number): EntityState {
  const calls = entity.signed.spec.maintenanceCalls ?? 'wait';
  const next = changed(entity, { maintenance: { reason, sinceMs: atMs, calls } });
  return isUp(next) ? moveTo(next, 'MAINTENANCE', reason, atMs) : next;
}

/** Whether it is in a state that a quarantine or maintenance covers, or already covered. */
function isUp({ state }: EntityState): boolean {
  return STATES[state].coverable || state === 'QUARANTINED' || state === 'MAINTENANCE';
}

/** Shows the state beneath, or the other cover. */
function uncovered(entity: EntityState, reason: string, atMs: number): EntityState {
  const { isolation, state } = entity;
  if (state !== 'QUARANTINED' && state !== 'MAINTENANCE') return note(entity, reason, atMs);
  if (isolation.maintenance)
    return moveTo(entity, 'MAINTENANCE', isolation.maintenance.reason, atMs);
  if (isolation.quarantine) return moveTo(entity, 'QUARANTINED', isolation.quarantine.reason, atMs);
  return moveTo(entity, beneath(entity), reason, atMs);
}

function beneath(entity: EntityState): ServerState {
  if (isServing(entity)) return 'RUNNING';
  return entity.desired === 'running' ? 'STARTING' : 'STOPPED';
}

function toolsFound(
  entity: EntityState,
  { foundHash, changes }: Extract<SessionFinding, { about: 'tools' }>,
  atMs: number,
): EntityState {
  const { isolation, signed } = entity;
  const { hash = foundHash } = isolation.tools ?? {};
  const policy = signed.spec.toolChanges ?? 'quarantine-tool';
  const isApproved = policy === 'allow' || changes.length === 0;
  const tools: ApprovedTools = isApproved
    ? { hash: policy === 'allow' ? foundHash : hash, changes: [] }
    : { hash, foundHash, changes };
  const next = { ...entity, isolation: { ...isolation, tools } };
  if (changes.length === 0) {
    const again = 'tools match the approved ones again';
    if (isolation.quarantine?.cause === 'tools') return released(next, again, atMs);
    return isolation.tools?.changes.length ? note(next, again, atMs) : next;
  }
  const what = changes.map(({ tool, change }) => `${tool} ${change}`).join(', ');
  const reason = `tools differ from the approved ones: ${what}`;
  const isChanged = changes.some(({ change }) => change === 'changed');
  if (policy === 'quarantine-server' && isChanged) {
    return quarantined(next, { cause: 'tools', reason, sinceMs: atMs }, atMs);
  }
  return note(next, policy === 'allow' ? `tools changed: ${what}` : reason, atMs);
}

function approved(entity: EntityState, hash: string, atMs: number): EntityState {
  const next = changed(entity, { tools: { hash, changes: [] } });
  const reason = `tools approved by ${entity.asked.actor}`;
  return next.isolation.quarantine?.cause === 'tools'
    ? released(next, reason, atMs)
    : note(next, reason, atMs);
}

/** Changes the isolation under a new version, so that owners are notified. */
function changed(entity: EntityState, change: Partial<Isolation>): EntityState {
  const { isolation } = entity;
  return { ...entity, isolation: { ...isolation, ...change, version: isolation.version + 1 } };
}
