import { type ErrorReport } from '../base/errors';
import { type ConfigChange } from './origins';

/** A line for each server that could not follow. */
export function reportProblems(
  problems: { name: string; error: ErrorReport }[],
  progress: (line: string) => void,
): void {
  for (const { name, error } of problems) progress(`${name}: [${error.code}] ${error.message}`);
}

/** A line for everything but what stayed as it was. */
export function reportChange(change: ConfigChange, progress: (line: string) => void): void {
  const what = change.kind === 'server' ? change.name : `${change.kind} ${change.name}`;
  switch (change.change) {
    case 'unchanged':
      return;
    case 'added':
      return progress(`Added ${what}`);
    case 'changed':
      return progress(`Changed ${what}`);
    case 'conflict':
      return progress(`Skipped ${what}: ${change.error.message}`);
    case 'vanished':
      return progress(`Removing ${what}: no longer in its config file`);
    case 'dropped':
      return progress(`Removed ${what}: no longer in its config file`);
    case 'left out':
      return progress(
        `Skipped ${what}: it was removed. To add it again: mainspring import ${change.file}`,
      );
  }
}
