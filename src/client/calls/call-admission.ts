import { admissionOf } from '../../domain/calls/admission';
import { callRefusal } from '../../domain/calls/call-refusal';
import { type ErrorReport, MainspringError } from '../../base/errors';
import { type ServerSnapshot } from '../../domain/messages';
import { type Snapshots } from '../servers/snapshots';

/**
 * Returns the snapshot of a server that takes a call, or another request (without a tool), now. A refusal must not rest
 * on old knowledge: the server may have been started a moment ago. An open circuit refuses at once, by a state that is
 * at most a second old.
 *
 * @throws MainspringError that says why a call is not even sent
 */
export async function admitted(
  snapshots: Snapshots,
  known: ServerSnapshot,
  tool?: string,
): Promise<ServerSnapshot> {
  const { name } = known;
  const expected = admissionRefusal(known, tool, Date.now());
  if (!expected) return known;
  const isCircuit = expected.code === 'CIRCUIT_OPEN';
  const found = await (isCircuit ? snapshots.recent(name) : snapshots.fetch(name));
  const refused = admissionRefusal(found, tool, Date.now());
  if (refused) throw new MainspringError(refused.code, refused.message, { fix: refused.fix });
  return found;
}

/** Returns why a call is refused before it is sent, by the known state of its server; undefined when it is not. */
export function admissionRefusal(
  snapshot: ServerSnapshot,
  tool: string | undefined,
  nowMs: number,
): ErrorReport | undefined {
  const { name, state, reason, signed, isolation, error } = snapshot;
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
  if (state === 'ERROR' && error?.code === 'LOGIN_REQUIRED') {
    return { ...error, message: `${error.message} The call was not sent.` };
  }
  const fix = `Start it first: mainspring start ${name}.`;
  const message = `"${name}" is ${state} (${reason}). The call was not sent.`;
  return { code: 'SERVER_NOT_RUNNING', message, fix };
}
