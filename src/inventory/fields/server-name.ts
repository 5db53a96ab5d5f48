import { MainspringError } from '../../base/errors';
import { SERVER_NAME } from '../../domain/names';

export const MAX_NAME_LENGTH = 64;

/** Throws INVALID_NAME with the reason. */
export function checkServerName(name: string): void {
  const problem = nameProblem(name);
  if (problem !== undefined) throw new MainspringError('INVALID_NAME', problem);
}

/** Returns why this is not a valid server name; undefined when it is. */
export function nameProblem(name: string): string | undefined {
  if (SERVER_NAME.test(name)) return undefined;
  if (name === '') return 'A server name must not be empty.';
  if (name.length > MAX_NAME_LENGTH) {
    return `A server name can have at most ${MAX_NAME_LENGTH} characters; this one has ${name.length}: "${name.slice(0, MAX_NAME_LENGTH)}…".`;
  }
  const odd = /[^A-Za-z0-9_-]/u.exec(name)?.[0];
  if (odd !== undefined)
    return `The server name ${JSON.stringify(name)} contains ${JSON.stringify(odd)}.`;
  return `The server name "${name}" starts with "${name[0]}".`;
}
