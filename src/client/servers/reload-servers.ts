import { type ErrorReport, reportOf } from '../../base/errors';
import { type ServerSummary } from '../../domain/servers/status';
import { readInventory } from '../../inventory/inventory';
import { type ServerChange } from '../../inventory/merge/merge';
import {
  type ConfigChange,
  type ConfigFile,
  originsOf,
  readConfigFiles,
} from '../../offline/origins';
import { type ServerProblem } from './server-problem';

/** Servers of an instance, as far as a reload changes them. */
interface ReloadableServers {
  mergeConfigs(configs: readonly ConfigFile[]): Promise<ConfigChange[]>;
  dropVanished(changes: readonly ConfigChange[]): Promise<ServerProblem[]>;
  sync(options: { wait: boolean }): Promise<ServerProblem[]>;
  list(): Promise<ServerSummary[]>;
}

/** Result of a reload of everything for one server. */
type ReloadedServer = (ServerSummary | AbsentServer) & {
  /** Change in its config file; `removed` when it is not there anymore, null when it comes from none. */
  change: Exclude<ServerChange['change'], 'vanished'> | 'removed' | null;
  /** Reason why it does not run as its config says. */
  error?: ErrorReport;
};

/** Server that is not, or not anymore, in the inventory. */
interface AbsentServer {
  name: string;
  state: null;
  reason: string;
}

export interface Reloaded {
  servers: ReloadedServer[];
  /** Config files that could not be read: what they said before still holds. */
  unread: { file: string; error: ErrorReport }[];
}

/** Reads every config file again and applies it. A file or server that is wrong does not affect the others. */
export async function reloadServers(
  home: string,
  servers: ReloadableServers,
  onChange: (change: ConfigChange) => void,
): Promise<Reloaded> {
  const { configs, unread } = await readOrigins(home);
  const changes = await servers.mergeConfigs(configs);
  changes.forEach(onChange);
  const problems = [
    ...(await servers.dropVanished(changes)),
    ...(await servers.sync({ wait: true })),
  ];
  const errors = new Map(problems.map(({ name, error }) => [name, error]));
  const ofServers = changes.filter((change) => change.kind === 'server');
  const present = (await servers.list()).map((summary): ReloadedServer => {
    const { name } = summary;
    const change = ofServers.find((one) => one.name === name && isAbout(one));
    return { ...summary, change: wordOf(change), ...errorIn(errors, name) };
  });
  const absent = ofServers.filter(
    (change) => change.change === 'conflict' || !present.some(({ name }) => name === change.name),
  );
  const rows = [...present, ...absent.map((change) => absentRow(change, errors))];
  return { servers: rows.sort((a, b) => (a.name < b.name ? -1 : 1)), unread };
}

async function readOrigins(
  home: string,
): Promise<{ configs: ConfigFile[]; unread: Reloaded['unread'] }> {
  const read = originsOf(await readInventory(home)).map(async (file) => {
    try {
      return { configs: await readConfigFiles([file]), unread: [] };
    } catch (error) {
      return { configs: [], unread: [{ file, error: reportOf(error) }] };
    }
  });
  const all = await Promise.all(read);
  return {
    configs: all.flatMap(({ configs }) => configs),
    unread: all.flatMap(({ unread }) => unread),
  };
}

/** Whether a change is about the server of that name in the inventory, and not about one that stays out of it. */
function isAbout({ change }: ServerChange): boolean {
  return change !== 'conflict' && change !== 'left out';
}

function wordOf(change: ServerChange | undefined): ReloadedServer['change'] {
  if (!change) return null;
  return change.change === 'vanished' ? 'removed' : change.change;
}

function absentRow(change: ServerChange, errors: ReadonlyMap<string, ErrorReport>): ReloadedServer {
  const { name } = change;
  const common = { name, change: wordOf(change), state: null };
  if (change.change === 'conflict') return { ...common, reason: change.error.message };
  const reason =
    change.change === 'left out'
      ? `it was removed manually; to add it again: mainspring import ${change.file}`
      : 'no longer in its config file';
  return { ...common, reason, ...errorIn(errors, name) };
}

function errorIn(
  errors: ReadonlyMap<string, ErrorReport>,
  name: string,
): Pick<ReloadedServer, 'error'> {
  const error = errors.get(name);
  return error ? { error } : {};
}
