import { type ErrorClass } from '../src/domain/error-class';
import { type ErrorReport } from '../src/domain/errors';
import { type Isolation, NO_ISOLATION, type SessionFinding } from '../src/domain/isolation';
import { type Owner } from '../src/domain/session';
import { type ServerSpec } from '../src/domain/spec';
import { type ToolCatalogue } from '../src/domain/tools';

/** What an owner finds, without who it is. */
export type Finding = DistributiveOmit<SessionFinding, keyof Owner>;
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown
  ? Omit<Union, Key>
  : never;

/** Decides on the owning host which calls may go to the server, and tells the entity what it finds. */
export class SessionIsolation {
  #current: Isolation;

  constructor(
    private readonly spec: () => ServerSpec,
    initial: Isolation | undefined,
    private readonly report: (finding: Finding) => void,
  ) {
    this.#current = initial ?? NO_ISOLATION;
  }

  get current(): Isolation {
    return this.#current;
  }

  /** Takes over what the entity says. */
  apply(isolation: Isolation): void {
    if (isolation.version >= this.#current.version) this.#current = isolation;
  }

  /** Why a call of this tool does not run now; undefined when it may. */
  refusal(_tool: string): ErrorReport | undefined {
    return undefined;
  }

  /** A call that reached the server has ended: with an error of this class, or well. */
  sawCall(_error: ErrorClass | undefined): void {}

  /** A round of health checks is over. */
  sawHealth(_passed: boolean, _reason: string): void {}

  /** The server has listed its tools. */
  sawTools(_catalogue: ToolCatalogue): void {}
}
