import { MainspringError } from '../../base/errors';
import { didYouMean, nearMatches } from '../../base/nearest-names';

export function unknownServer(name: string, names: string[]): MainspringError {
  return new MainspringError('UNKNOWN_SERVER', `There is no server "${name}".${hint(name, names)}`);
}

export function unknownHost(id: string, ids: string[]): MainspringError {
  return new MainspringError('UNKNOWN_HOST', `There is no host "${id}".${hint(id, ids)}`);
}

export function unknownTool(server: string, tool: string, names: string[]): MainspringError {
  const message = `"${server}" has no tool "${tool}".${hint(tool, names)}`;
  const fix = `List its tools: mainspring tools ${server}.`;
  return new MainspringError('UNKNOWN_TOOL', message, { fix });
}

export function unknownReceiver(name: string, names: string[]): MainspringError {
  const message = `There is no alert receiver "${name}".${hint(name, names)}`;
  return new MainspringError('UNKNOWN_RECEIVER', message);
}

/** @param what - term of the caller: an agent file becomes a profile */
export function unknownProfile(
  name: string,
  names: string[],
  what: 'profile' | 'agent' = 'profile',
): MainspringError {
  const message = `There is no ${what} "${name}".${hint(name, names)}`;
  const fix = `List the ${what}s: mainspring ${what} list.`;
  return new MainspringError('UNKNOWN_PROFILE', message, { fix });
}

function hint(name: string, names: string[]): string {
  return didYouMean(nearMatches(name, names));
}
