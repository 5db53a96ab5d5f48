import { type CommandContext } from '../command';
import { timeText } from '../text/health-text';
import { openScreen } from '../terminal/screen';
import { changesBetween, changeText, pollServers, type Seen } from './monitor/poll-servers';

interface Watch<Server> {
  look: () => Promise<Server[]>;
  intervalMs: number;
  seen: (server: Server) => Seen;
  /** Renders the servers as a table for a terminal of that width. */
  render: (servers: readonly Server[], columns: number) => string;
}

/**
 * Shows servers until the user quits: on a terminal the whole table again and again, otherwise a line for each change,
 * with --json a document. Resolves with the last state of the servers.
 */
export async function showChanges<Server>(
  { output, interrupted }: Pick<CommandContext, 'output' | 'interrupted'>,
  { look, intervalMs, seen, render }: Watch<Server>,
): Promise<Server[]> {
  const screen = output.json ? undefined : openScreen(interrupted);
  let last: Server[] = [];
  try {
    for await (const found of pollServers(look, intervalMs, screen?.left ?? interrupted)) {
      const { atMs } = found;
      if ('missed' in found) {
        screen?.draw([`${timeText(atMs)}  ${found.missed}`]);
        continue;
      }
      const { servers } = found;
      if (screen) {
        const table = render(servers, screen.columns).split('\n');
        screen.draw([`${timeText(atMs)}, press q to quit`, ...table]);
      } else {
        for (const change of changesBetween(last.map(seen), servers.map(seen), atMs)) {
          output.line(change, changeText(change));
        }
      }
      last = servers;
    }
  } finally {
    screen?.close();
  }
  return last;
}
