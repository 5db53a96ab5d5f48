import { type ErrorReport, MainspringError, reportOf } from '../../base/errors';
import { type BulkCommand } from '../../domain/servers/server-selection';
import { type ServerStatus } from '../../domain/servers/status';
import { type CommandOptions } from './command-options';
import { mapParallel } from '../../async/map-parallel';

type Command = (name: string, options?: CommandOptions) => Promise<ServerStatus>;

/** Commands at once, each of which waits for its server: a hundred servers that start at once would only slow each other down. */
const COMMANDS_AT_ONCE = 16;

/** Result of a command for one of many servers. */
export type CommandedServer =
  | (ServerStatus & { ok: true; already?: boolean })
  | { ok: false; name: string; error: ErrorReport };

/** Gives many servers the same command; one that fails does not affect the others. */
export function commandServers(
  servers: Readonly<Record<BulkCommand, Command>>,
  command: BulkCommand,
  names: readonly string[],
  options?: CommandOptions,
): Promise<CommandedServer[]> {
  return mapParallel([...new Set(names)], COMMANDS_AT_ONCE, async (name) => {
    try {
      return { ...(await servers[command](name, options)), ok: true };
    } catch (error) {
      if (!(error instanceof MainspringError)) throw error;
      return { ok: false, name, error: reportOf(error) };
    }
  });
}
