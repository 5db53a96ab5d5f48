import { type EntityState } from '../entity/entity';
import { type CallAdmission, STATES } from '../states';

/** What a call does now: as its state says, but a stop that a start follows by itself is waited for. */
export function admissionOf({
  state,
  desired,
  wakes,
}: Pick<EntityState, 'state' | 'desired' | 'wakes'>): CallAdmission {
  const isDown = state === 'STOPPED' || state === 'STOPPING';
  const comesBack = wakes || desired === 'running';
  return isDown && comesBack ? 'wait' : STATES[state].calls;
}
