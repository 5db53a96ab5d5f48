import { type ErrorCode } from '../../base/errors';
import { type HostReport, type HostStatus } from './hosts';

type HostPlacement = Pick<HostReport, 'labels' | 'exclusive'>;

/** Returns the sets of labels that a host serves: it takes the servers that require exactly one of them. */
export function servedLabels({ labels, exclusive }: HostPlacement): string[][] {
  const sets = [...new Set(labels)]
    .sort()
    .reduce<string[][]>(
      (smaller, label) => [...smaller, ...smaller.map((set) => [...set, label])],
      [[]],
    );
  return exclusive ? sets.filter((set) => set.length > 0) : sets;
}

/** Whether a host may run servers that require these labels, if it has capacity. */
export function fits({ labels, exclusive }: HostPlacement, requires: readonly string[]): boolean {
  if (requires.length === 0) return !exclusive;
  return requires.every((label) => labels.includes(label));
}

/** Whether a host takes servers now. */
function isTaking({ presence, state, sessions, capacity }: HostStatus): boolean {
  return presence === 'alive' && state === 'ready' && sessions.length < capacity;
}

/** Returns why no host has taken a server that requires these labels, as far as the hosts show. */
export function whyUnplaced(requires: readonly string[], hosts: readonly HostStatus[]): string {
  const living = hosts.filter(({ presence }) => presence !== 'lost');
  if (living.length === 0) return 'no host is running';
  const fitting = living.filter((host) => fits(host, requires));
  if (fitting.length === 0) return whyNoneFits(requires, living);
  const why = fitting.flatMap((host) => whyNotTaking(host) ?? []);
  if (why.length < fitting.length) return 'no host has accepted it yet';
  return requires.length === 0
    ? `no host can take it: ${why.join(', ')}`
    : `no host with ${quoted(requires)} can take it: ${why.join(', ')}`;
}

function whyNoneFits(requires: readonly string[], living: readonly HostStatus[]): string {
  if (requires.length === 0) {
    return `every host only accepts servers that require its labels (${living.map(({ id }) => id).join(', ')})`;
  }
  const missing = requires.filter((label) => !living.some(({ labels }) => labels.includes(label)));
  if (missing.length > 0) return `no host has the label ${quoted(missing, ' or ')}`;
  return `no single host has ${quoted(requires)}`;
}

function whyNotTaking(host: HostStatus): string | undefined {
  if (isTaking(host)) return undefined;
  const { id, presence, state, sessions, capacity } = host;
  if (presence === 'silent') return `${id} is not responding`;
  if (state !== 'ready') return `${id} is ${state}`;
  return `${id} is full (${sessions.length} of ${capacity} servers)`;
}

/** Reason of a host that hands back a server because it has no capacity left. */
export const noPlaceOn = (hostId: string) => `host ${hostId} is full`;

/** Whether a session has not moved: the last host that got it had no capacity. */
export function wasHandedBack(lastFailure: string | undefined): boolean {
  return lastFailure?.endsWith(' is full') ?? false;
}

/** Errors that a server may have on one machine and not on another. */
const MACHINE_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'COMMAND_NOT_FOUND',
  'COMMAND_NOT_EXECUTABLE',
  'DIRECTORY_NOT_FOUND',
  'VARIABLE_UNSET',
  'FILE_NOT_FOUND',
  'INSTALL_FAILED',
  'PREREQUISITE_MISSING',
  'REGISTRY_UNREACHABLE',
  'DISK_FULL',
] satisfies ErrorCode[]);

/**
 * Whether a host hands back a server that it cannot start: the server is well, and another host may have what it needs.
 *
 * @param answeredOn - last host on which it was ready
 */
export function isUnfit(hostId: string, answeredOn: string | undefined, code: ErrorCode): boolean {
  return answeredOn !== undefined && answeredOn !== hostId && MACHINE_ERRORS.has(code);
}

/** Reason of a host that hands back such a server. */
export const cannotRun = (hostId: string, problem: string) =>
  `host ${hostId} cannot run it: ${problem}`;

/** Whether a host released a session in order, and reported it itself. */
export function wasReleased(lastFailure: string): boolean {
  return /^host \S+ (is (draining|full)$|cannot run it: )/.test(lastFailure);
}

/** Returns the hosts that may take everything that a host releases. */
export function successorsOf(host: HostReport, hosts: readonly HostStatus[]): HostStatus[] {
  const { labels, exclusive } = host;
  return hosts.filter(
    (other) =>
      other.id !== host.id &&
      isTaking(other) &&
      fits(other, labels) &&
      (exclusive || !other.exclusive),
  );
}

function quoted(labels: readonly string[], between = ' and '): string {
  return labels.map((label) => `"${label}"`).join(between);
}
