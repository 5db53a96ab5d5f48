import { isInstalled, type InstallReport } from './installs';
import { type ServerStatus } from '../servers/status';

/** Facts about a server that a setup is about. */
export type SetupServer = Pick<
  ServerStatus,
  'name' | 'state' | 'enabled' | 'generation' | 'possible'
>;

export interface SkippedTest {
  server: string;
  reason: string;
}

export interface TestPlan {
  test: string[];
  skip: SkippedTest[];
}

/** Decides which servers of a setup are tested: not those that cannot work, nor those that were stopped on purpose. */
export function planTests(
  servers: readonly SetupServer[],
  installs: readonly InstallReport[],
  dependencies: ReadonlyMap<string, readonly string[]>,
): TestPlan {
  const absent = new Set(
    installs.filter((report) => !isInstalled(report)).map(({ server }) => server),
  );
  const reasons = servers.map((server): [string, string | undefined] => [
    server.name,
    reasonToSkip(server, absent, dependencies),
  ]);
  return {
    test: reasons.flatMap(([server, reason]) => (reason === undefined ? [server] : [])),
    skip: reasons.flatMap(([server, reason]) => (reason === undefined ? [] : [{ server, reason }])),
  };
}

function reasonToSkip(
  server: SetupServer,
  absent: ReadonlySet<string>,
  dependencies: ReadonlyMap<string, readonly string[]>,
): string | undefined {
  const { name } = server;
  if (!server.enabled) return 'it is disabled';
  const missing = needsOf(name, dependencies).find((needed) => absent.has(needed));
  if (missing !== undefined && missing !== name) return `"${missing}" was not installed`;
  if (missing !== undefined) return 'its program was not installed';
  return wasStopped(server) ? 'it was stopped' : undefined;
}

/** Returns the dependencies of a server at any depth, and last the server itself. */
function needsOf(name: string, dependencies: ReadonlyMap<string, readonly string[]>): string[] {
  const needed = new Set([name]);
  for (const one of needed) for (const next of dependencies.get(one) ?? []) needed.add(next);
  return [...needed].reverse();
}

/** Whether the server has run and will not start by itself: one that is only asleep could still be stopped. */
function wasStopped({ state, generation, possible }: SetupServer): boolean {
  return state === 'STOPPED' && generation > 0 && !possible.includes('stop');
}
