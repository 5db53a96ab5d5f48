import { placeholderIn } from '../domain/trust/placeholders';
import { type ValueState } from './facts';

/** Whether there is a value, and whether it can be a real one. Only secrets are never deliberately empty. */
export function valueState(value: string | undefined, isSecret: boolean): ValueState {
  if (value === undefined) return 'unset';
  if (!isSecret) return 'set';
  const text = value.trim();
  if (text === '') return 'empty';
  return placeholderIn(text) === undefined ? 'set' : 'placeholder';
}
