import { type HealthCheck, type HealthCheckKind } from '../../../src/domain/health/health';
import { type ListedTools } from '../../../src/domain/catalogue/tools';
import { type HostDeps } from '../../deps';
import { type Serving } from '../../server/supervised-server';
import { type Usage } from '../usage-meter';

/** The server that is checked, and what checks need of its host. */
export interface Subject {
  serving: Serving;
  host: Pick<HostDeps, 'home' | 'hostId' | 'guard' | 'groups'>;
  /** It has listed tools since it runs with this spec. */
  hadTools: boolean;
  /** Undefined for a server without a process. */
  usage: Usage | undefined;
  /** Told of the tools whenever they are listed. */
  onTools: (listed: ListedTools) => void;
}

export type CheckOf<Kind extends HealthCheckKind> = Extract<HealthCheck, { kind: Kind }>;

/** Resolves with what is wrong about the answer, or undefined; throws when there is no answer. */
export type Finding = Promise<string | Remark | undefined>;

/** It is as well as it answers, but not as it should be: no reason to restart it. */
export class Remark {
  constructor(readonly text: string) {}
}

/** The limit of a check: fires when nobody waits for its answer any more. */
export interface Limit {
  signal: AbortSignal;
  timeoutMs: number;
  /** A part of the answer has come: from here on there is as much time again for the next. */
  extend: () => void;
}
