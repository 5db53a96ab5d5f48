import { admissionOf } from '../domain/admission';
import { callRefusal } from '../domain/call-refusal';
import { type ErrorReport } from '../domain/errors';
import { type ServerSnapshot } from '../domain/messages';

/** Why a call is not even sent, by what is known of its server; undefined when it is. */
export function admissionRefusal(
  snapshot: ServerSnapshot,
  tool: string,
  nowMs: number,
): ErrorReport | undefined {
  const { name, state, reason, signed, isolation } = snapshot;
  const { spec } = signed;
  if (!spec.enabled) {
    const fix = `Enable and start it: mainspring enable ${name} && mainspring start ${name}.`;
    return { code: 'SERVER_DISABLED', message: `"${name}" is disabled.`, fix };
  }
  const refuses = admissionOf(snapshot) === 'refuse';
  if (!refuses || state === 'QUARANTINED') {
    const isolated = callRefusal(isolation, { spec, tool, nowMs });
    if (isolated) return isolated;
  }
  if (!refuses) return undefined;
  const fix = `Start it first: mainspring start ${name}.`;
  const message = `"${name}" is ${state} (${reason}): the call was not sent.`;
  return { code: 'SERVER_NOT_RUNNING', message, fix };
}
