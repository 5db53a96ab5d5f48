import { refusesAt } from '../isolation/breaker';
import { type ErrorReport } from '../../base/errors';
import {
  type Breaker,
  DEFAULT_BREAKER,
  type Isolation,
  type Quarantine,
} from '../isolation/isolation';
import { type ServerSpec } from '../spec';
import { isToolBlocked } from '../isolation/tool-changes';

/** A call that is about to be made. */
export interface IntendedCall {
  spec: ServerSpec;
  /** Absent for a request that is not a call. */
  tool?: string;
  nowMs: number;
}

/**
 * Returns why isolation keeps a call from its server; undefined when it does not. Clients and owners use the same
 * words. Only the owner of a half-open breaker knows whether it admits one more trial call.
 */
export function callRefusal(isolation: Isolation, call: IntendedCall): ErrorReport | undefined {
  const { spec, tool, nowMs } = call;
  const { name, breaker: policy = DEFAULT_BREAKER, toolChanges = 'quarantine-tool' } = spec;
  const { maintenance, quarantine, tools, breaker } = isolation;
  if (maintenance?.calls === 'refuse') {
    const message = `"${name}" is in maintenance (${maintenance.reason}): the call was not sent.`;
    const fix = `Wait for the maintenance to end, or end it now: mainspring maintenance ${name} off.`;
    return { code: 'SERVER_IN_MAINTENANCE', message, fix };
  }
  if (quarantine) return quarantined(name, quarantine);
  if (tool !== undefined && isToolBlocked(tools, toolChanges, tool)) {
    const message = `The tool "${tool}" of "${name}" has changed since it was approved: the call was not sent.`;
    const fix = `Review the changes and approve them: mainspring approve ${name}.`;
    return { code: 'TOOL_QUARANTINED', message, fix };
  }
  return refusesAt(policy, breaker, nowMs) ? circuitOpen(name, breaker) : undefined;
}

/** Whether calls stay in the queue until the maintenance ends. */
export function holdsCalls({ maintenance }: Isolation): boolean {
  return maintenance?.calls === 'wait';
}

/** Returns the refusal of a breaker that is open, or half-open with a trial under way. */
export function circuitOpen(name: string, { state, reason, openUntilMs }: Breaker): ErrorReport {
  const why = state === 'open' ? reason : 'half-open, with a trial call in progress';
  const message = `The circuit breaker of "${name}" is open (${why ?? 'unknown reason'}): the call was not sent.`;
  const close = `mainspring breaker ${name} close`;
  // A breaker that an operator has opened does not close by itself.
  const isByHand = state === 'open' && openUntilMs === undefined;
  const fix = isByHand
    ? `Close it: ${close}.`
    : `Wait for the next attempt, or close it: ${close}.`;
  return { code: 'CIRCUIT_OPEN', message, fix };
}

function quarantined(name: string, quarantine: Quarantine): ErrorReport {
  const { cause, reason } = quarantine;
  const message = `"${name}" is quarantined ${quarantineEndText(quarantine)} (${reason}): the call was not sent.`;
  const fix =
    cause === 'tools'
      ? `Review the changes and approve them: mainspring approve ${name}.`
      : `Find out why (mainspring status ${name}), then release it: mainspring release ${name}.`;
  return { code: 'SERVER_QUARANTINED', message, fix };
}

/** Returns such as `until 2026-11-21T18:00:30.000Z` or `until it is released`. */
export function quarantineEndText({ cause, untilMs }: Quarantine): string {
  if (cause === 'tools') return 'until its tools are approved';
  if (untilMs === undefined) return 'until it is released';
  return `until ${new Date(untilMs).toISOString()}`;
}
