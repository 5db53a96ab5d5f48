/** Numbers of callers of the HTTP endpoint. */
export const CALLERS = [1, 8, 64] as const;

/** What a run can be limited to. */
export const PARTS = ['idle', 'cli', 'durable', 'http', 'idle20', 'peers'] as const;
export type Part = (typeof PARTS)[number];

/** Whether a figure is better when it is lower, and what its ratio to the other checkout must be. */
interface FigureText {
  label: string;
  /** Highest ratio for costs, lowest for rates. */
  bar?: number;
  isRate?: true;
}

/** Figures in the order of the table. */
export const FIGURES = {
  upToFirstCallMs: { label: '`up` to the first call, ms', bar: 0.5 },
  idleMb: { label: 'memory when idle with two servers, MB (PSS)', bar: 0.6 },
  idle20CpuPercent: { label: 'processor when idle with 20 servers, % of a core', bar: 0.6 },
  durableP50Ms: { label: 'durable call, serial, p50, ms', bar: 0.6 },
  durable64PerSecond: { label: 'durable calls, 64 callers, /s', bar: 2, isRate: true },
  temporalCpuMs: { label: "Temporal's processor time per call, ms" },
  rolesCpuMs: { label: 'processor time of our processes per call, ms' },
  clientCpuMs: { label: "client's processor time per call, ms", bar: 0.5 },
  direct1PerSecond: { label: 'direct path, 1 caller, /s', isRate: true },
  direct8PerSecond: { label: 'direct path, 8 callers, /s', isRate: true },
  direct64PerSecond: { label: 'direct path, 64 callers, /s', isRate: true },
  direct8P99ToP50: { label: 'direct path, 8 callers, p99 / p50' },
  cached1PerSecond: { label: 'cached, 1 caller, /s', isRate: true },
  cached8PerSecond: { label: 'cached, 8 callers, /s', isRate: true },
  cached64PerSecond: { label: 'cached, 64 callers, /s', isRate: true },
  cached8P99ToP50: { label: 'cached, 8 callers, p99 / p50' },
  helpToEmpty: { label: '`--help`, multiple of `node -e 0` (CPU)' },
  versionToEmpty: { label: '`--version`, multiple of `node -e 0` (CPU)' },
  infoToEmpty: { label: '`info`, multiple of `node -e 0` (CPU)' },
  listToEmpty: { label: '`list`, multiple of `node -e 0` (CPU)', bar: 0.5 },
  statusToEmpty: { label: '`status`, multiple of `node -e 0` (CPU)', bar: 0.5 },
  callToEmpty: { label: '`call`, multiple of `node -e 0` (CPU)', bar: 0.5 },
} as const satisfies Record<string, FigureText>;
export type FigureName = keyof typeof FIGURES;
export type Figures = Partial<Record<FigureName, number>>;
