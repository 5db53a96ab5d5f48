import path from 'node:path';
import { type ServerEntry } from '../inventory/config/config-schema';
import { textsOf } from '../inventory/fields/member-text';
import { programOf } from '../inventory/programs/program-source';
import { warningsOf } from '../inventory/config/warnings';
import { checkCommand } from '../process/command';

export { type ServerEntry, textsOf };

/**
 * Checks an entry before it is added on this machine; returns warnings, such as a secret among the arguments.
 *
 * @throws MainspringError COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, DIRECTORY_NOT_FOUND
 */
export function checkNewEntry(entry: ServerEntry): string[] {
  const { command, cwd = '.', env = {} } = entry;
  // The value of a variable is known only where the server will run.
  const isLiteral = command !== undefined && !`${command} ${cwd}`.includes('${');
  // "uvx" is not required when Mainspring installs the package that it names.
  const isInstalled = programOf(entry, path.resolve(cwd)) !== undefined;
  if (isLiteral && !isInstalled) checkCommand(command, path.resolve(cwd), textsOf(env));
  return warningsOf(entry);
}
