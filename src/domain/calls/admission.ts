import { type EntityState } from '../entity/entity';
import { type CallAdmission, STATES } from '../states';

/** Returns what a call does now. It follows the state, but a call to a stopped server that starts again by itself waits. */
export function admissionOf({
  state,
  desired,
  wakes,
}: Pick<EntityState, 'state' | 'desired' | 'wakes'>): CallAdmission {
  const isDown = state === 'STOPPED' || state === 'STOPPING';
  const startsAgain = wakes || desired === 'running';
  return isDown && startsAgain ? 'wait' : STATES[state].calls;
}
