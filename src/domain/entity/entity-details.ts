import { type EntityState } from './entity';
import { possibleFor } from './entity-permission';
import { nextStep } from './entity-step';
import { type Breaker } from '../isolation/isolation';

/** Returns the Markdown that the Temporal UI shows above the history of a server: its state, the reason, and what comes next. */
export function detailsOf(entity: EntityState, nowMs: number): string {
  const { name, state, reason, sinceMs, health, healthReason, generation, restarts } = entity;
  const { owner, ready, error, isolation, signed } = entity;
  const lines = [
    `**${name}** has been **${state}** since ${timeText(sinceMs)}: ${reason}`,
    `- health: ${health} (${healthReason})`,
    `- circuit breaker: ${breakerText(isolation.breaker)}`,
    `- enabled: ${signed.spec.enabled ? 'yes' : 'no'}`,
    `- generation: ${generation}, restarts: ${restarts}`,
    owner && `- host: ${owner.host} (epoch ${owner.epoch})`,
    ready && `- server: ${ready.serverInfo.name} ${ready.serverInfo.version}, ${ready.tools} tools`,
    error && `- error: ${error.code}: ${error.message} ${error.fix}`,
    `- next: ${nextText(entity, nowMs)}`,
    `- available commands: ${possibleFor(entity).join(', ')}`,
  ];
  return lines.filter((line) => line !== undefined).join('\n');
}

function breakerText({ state, failures, openUntilMs, reason }: Breaker): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  if (state === 'closed') return failures > 0 ? `closed, ${failures} failures in a row` : 'closed';
  if (state === 'half-open') return `half-open${why}: the next call is a trial`;
  const until = openUntilMs === undefined ? 'an operator closes it' : timeText(openUntilMs);
  return `open${why} until ${until}`;
}

function nextText(entity: EntityState, nowMs: number): string {
  const { generation, install, retryAtMs, session, wakes, isolation } = entity;
  const step = nextStep(entity, nowMs);
  switch (step.do) {
    case 'install':
      return 'install its program';
    case 'cancel-install':
      return 'cancel the installation';
    case 'start-session':
      return `start generation ${generation + 1}`;
    case 'start-replica':
      return `start replica ${step.number}`;
    case 'cancel-session':
      return 'end the session';
    case 'notify-owner':
      return 'notify its host of the change';
    case 'end-quarantine':
      return 'end the quarantine';
    case 'finish':
      return 'end this workflow';
    case 'wait':
  }
  if (entity.removed || session?.cancelled) return 'end the session';
  if (install) return `start after ${install.id}`;
  const { quarantine, maintenance } = isolation;
  if (maintenance) return 'an operator ends maintenance';
  if (quarantine) {
    const { cause, untilMs } = quarantine;
    if (untilMs === undefined) return 'an operator releases or approves it';
    const then = cause === 'errors' ? 'check it' : 'release it';
    return `${then} at ${timeText(untilMs)}`;
  }
  if (!session && entity.desired === 'running') {
    return `start generation ${generation + 1} at ${timeText(retryAtMs)}`;
  }
  if (wakes) return 'start on the next call';
  return session ? 'nothing scheduled' : 'nothing until it is started';
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
