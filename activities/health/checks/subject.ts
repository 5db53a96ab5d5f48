import { type HealthCheck, type HealthCheckKind } from '../../../src/domain/health/health';
import { type ListedTools } from '../../../src/domain/catalogue/tools';
import { type HostDeps } from '../../deps';
import { type Serving } from '../../server/supervised-server';
import { type Usage } from '../usage-meter';

/** Server that is checked, and what checks need of its host. */
export interface Subject {
  serving: Serving;
  host: Pick<HostDeps, 'home' | 'hostId' | 'guard' | 'groups'>;
  /** Whether it has listed tools since it started with this spec. */
  hadTools: boolean;
  /** Undefined for a server without a process. */
  usage: Usage | undefined;
  /** Called with the tools whenever they are listed. */
  onTools: (listed: ListedTools) => void;
}

export type CheckOf<Kind extends HealthCheckKind> = Extract<HealthCheck, { kind: Kind }>;

/** Resolves with what is wrong about the answer, or undefined; throws when there is no answer. */
export type Finding = Promise<string | Remark | undefined>;

/** Answer that is not as it should be, although the server works: no reason to restart it. */
export class Remark {
  constructor(readonly text: string) {}
}

/** Time limit of a check: fires when the answer is not needed anymore. */
export interface Limit {
  signal: AbortSignal;
  timeoutMs: number;
  /** Restarts the limit, because a part of the answer has arrived. */
  extend: () => void;
}
