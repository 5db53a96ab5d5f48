import { randomFrom, shuffled } from '../random';

/**
 * Targets of faults: a server's process, the process that the roles of `up` share, or that of one role, a host that runs
 * alone, …
 */
export const FAULT_KINDS = [
  ...(['server', 'roles', 'host', 'lone-host', 'worker', 'api', 'temporal', 'caller'] as const),
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  /** Time after the first call is due. */
  atMs: number;
  /** Index of the server, or of the host that runs alone. */
  index: number;
}

export interface PlannedCall {
  key: string;
  /** Index of the server. */
  server: number;
  atMs: number;
}

export interface ChaosOptions {
  seed: number;
  calls: number;
  ratePerSecond: number;
  /** The first belongs to `up`, the others run alone. */
  hosts: number;
  servers: number;
  /** Whether each role of `up` has its own process. */
  separate: boolean;
  faults: number;
}

export interface ChaosPlan {
  calls: PlannedCall[];
  faults: Fault[];
}

/** Plans calls at a steady rate, and as many faults of each kind at random times meanwhile. */
export function planChaos(options: ChaosOptions): ChaosPlan {
  const { seed, calls, ratePerSecond, servers } = options;
  const random = randomFrom(seed);
  const planned = Array.from({ length: calls }, (_, n) => ({
    key: `${seed}-${n}`,
    server: Math.floor(random() * servers),
    atMs: (n * 1_000) / ratePerSecond,
  }));
  return { calls: planned, faults: planFaults(options, random) };
}

/**
 * Plans one fault at a random time in each of as many equal parts of the run, so that they come neither all at once nor
 * evenly.
 */
function planFaults(options: ChaosOptions, random: () => number): Fault[] {
  const { calls, ratePerSecond, hosts, servers, faults } = options;
  const partMs = (calls * 1_000) / ratePerSecond / Math.max(1, faults);
  return drawKinds(options, random).map((kind, part) => ({
    kind,
    atMs: Math.round((part + random()) * partMs),
    index: Math.floor(random() * (kind === 'lone-host' ? hosts - 1 : servers)),
  }));
}

/** Draws from shuffled decks of one of each, so that every kind is drawn equally often. */
function drawKinds(options: ChaosOptions, random: () => number): FaultKind[] {
  const { faults } = options;
  const possible = FAULT_KINDS.filter((kind) => isThere(kind, options));
  const drawn: FaultKind[] = [];
  while (drawn.length < faults) drawn.push(...shuffled(possible, random));
  return drawn.slice(0, faults);
}

/** Whether an instance has a process of this kind. */
function isThere(kind: FaultKind, { hosts, separate }: ChaosOptions): boolean {
  if (kind === 'lone-host') return hosts > 1;
  if (kind === 'roles') return !separate;
  return separate || !(kind === 'host' || kind === 'worker' || kind === 'api');
}
