import { admit, afterCall, hasOpened } from '../../src/domain/isolation/breaker';
import { callRefusal, circuitOpen, holdsCalls } from '../../src/domain/calls/call-refusal';
import { countsAgainstServer, type ErrorClass } from '../../src/domain/calls/error-class';
import { type ErrorReport } from '../../src/base/errors';
import { type HealthResult } from '../../src/domain/health/health';
import {
  type ApprovedTools,
  type Breaker,
  DEFAULT_BREAKER,
  DEFAULT_QUARANTINE,
  type Isolation,
  NO_ISOLATION,
  type SessionFinding,
} from '../../src/domain/isolation/isolation';
import { MAX_REASON_LENGTH } from '../../src/domain/limits';
import {
  countErrors,
  isQuarantineDue,
  type OwnerObservation,
} from '../../src/domain/isolation/quarantine';
import { type ServerSpec } from '../../src/domain/spec';
import { type ToolCatalogue } from '../../src/domain/catalogue/tools';
import { type ToolCatalogueStore } from '../../src/store/store';
import { QuarantineProbe } from './quarantine-probe';
import { Condition } from '../../src/async/condition';
import { isOtherFinding, judgeTools, shareable } from './tool-approval';
import { type Owner } from '../../src/domain/entity/owner';
import { type NotificationHub } from '../host/server-notifications';

/** Finding of an owner, without the owner. */
export type Finding = DistributiveOmit<SessionFinding, keyof Owner>;
type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown
  ? Omit<Union, Key>
  : never;

export interface IsolationDeps {
  spec: () => ServerSpec;
  catalogues: Pick<ToolCatalogueStore, 'get' | 'put'>;
  /** Gateways are told as soon as a list is stored. */
  notices: Pick<NotificationHub, 'publish'>;
  report: (finding: Finding) => void;
  /** Runs one round of health checks, which by itself changes nothing. */
  checkNow: () => Promise<HealthResult>;
}

/** Version of an owner that is unsure: the entity has to send what applies, whatever version it has sent before. */
const UNSURE = -1;

/** Decides on the owning host which calls may go to the server, and reports findings to the entity. */
export class SessionIsolation {
  #current: Isolation;
  #isSure: boolean;
  /** Whether a call that tries a half-open breaker is under way. */
  #hasTrial = false;
  /** Number of failed health rounds and openings of the breaker in a row. */
  #errors = 0;
  #listed: ToolCatalogue | undefined;
  /** Full comparison of the listed tools with the approved ones. */
  #judged: ApprovedTools | undefined;
  readonly #probe: QuarantineProbe;
  readonly #held = new Condition();

  /** @param start - state from the entity, or from the owner before this one up to a second before its end */
  constructor(
    private readonly deps: IsolationDeps,
    start: { fromEntity?: Isolation; fromPredecessor?: Isolation },
  ) {
    this.#current = start.fromPredecessor ?? start.fromEntity ?? NO_ISOLATION;
    this.#isSure = start.fromPredecessor === undefined;
    this.#probe = new QuarantineProbe(deps.checkNow, (verdict) =>
      deps.report({ about: 'probe', ...verdict }),
    );
    this.#probe.waitFor(this.#current.quarantine);
  }

  get current(): Isolation {
    return this.#current;
  }

  /** Version of the isolation that this owner applies. */
  get version(): number {
    return this.#isSure ? this.#current.version : UNSURE;
  }

  /** Applies the isolation that the entity has sent. */
  apply(isolation: Isolation): void {
    const { version, breaker, tools } = this.#current;
    if (isolation.version < version) return;
    // If the entity has nothing new, its own breaker is the same, or has counted further.
    const isSame = isolation.version === version && !isOtherState(breaker, isolation.breaker);
    this.#current = {
      ...isolation,
      ...(isSame && { breaker }),
      // Blocked tools stay blocked until they are compared with what is approved now.
      ...(tools && { tools: { ...tools, hash: isolation.tools?.hash ?? tools.hash } }),
    };
    this.#isSure = true;
    this.#hasTrial = false;
    if (isolation.quarantine) this.#errors = 0;
    // A report that was sent meanwhile may arrive later than this, and must not stay. With replicas the entity sends
    // the findings of each to all of them, which would report them forever.
    const isAlone = (this.deps.spec().replicas ?? 1) === 1;
    if (isAlone && isOtherState(breaker, this.#current.breaker)) this.#reportBreaker();
    this.#probe.waitFor(isolation.quarantine);
    if (!this.holdsCalls) this.#held.notifyAll();
    if (this.#current.tools?.hash !== tools?.hash) {
      void this.#judgeTools().catch(() => undefined); // the next list is compared again
    }
  }

  /** Whether calls stay in the queue. */
  get holdsCalls(): boolean {
    return holdsCalls(this.#current);
  }

  /** Resolves when calls need not stay in the queue, or `signal` has fired. */
  async whenTaking(signal: AbortSignal): Promise<void> {
    while (this.holdsCalls && !signal.aborted) await this.#held.wait(signal);
  }

  /**
   * Returns why a call of this tool, or another request, may not run now; undefined when it may. One that may is
   * followed by `callEnded`, or by `callNotSent` when it did not reach the server.
   */
  refusal(tool?: string): ErrorReport | undefined {
    const spec = this.deps.spec();
    const nowMs = Date.now();
    const isolation = { ...this.#current, tools: this.#judged ?? this.#current.tools };
    const refused = callRefusal(isolation, { spec, ...(tool !== undefined && { tool }), nowMs });
    if (refused) return refused;
    const { breaker } = this.#current;
    const admission = admit(spec.breaker ?? DEFAULT_BREAKER, breaker, this.#hasTrial, nowMs);
    if (!admission.admitted) return circuitOpen(spec.name, breaker);
    if (admission.isTrial) this.#hasTrial = true;
    this.#moveBreaker(admission.breaker);
    return undefined;
  }

  /** Records that a call which reached the server has ended: with an error of this class, or well. */
  callEnded(error: ErrorClass | undefined): void {
    this.#hasTrial = false;
    const policy = this.deps.spec().breaker ?? DEFAULT_BREAKER;
    this.#moveBreaker(afterCall(policy, this.#current.breaker, error, Date.now()));
    const isAnswer = error === undefined || (error !== 'rate-limit' && !countsAgainstServer(error));
    if (isAnswer) this.#sawSuccess();
  }

  /** Records that a call that was let through did not reach the server. */
  callNotSent(): void {
    this.#hasTrial = false;
  }

  /** Records that a round of health checks has ended. */
  healthChecked(passed: boolean, reason: string): void {
    this.#count(passed ? 'success' : 'error', reason);
  }

  /** Stores the tools that the server has listed, and compares them with the approved ones. */
  async sawTools(catalogue: ToolCatalogue): Promise<void> {
    this.#listed = catalogue;
    const { catalogues, notices } = this.deps;
    await catalogues.put(catalogue, this.#current.tools?.hash);
    notices.publish({ type: 'listed', server: catalogue.server, kind: 'tools' });
    await this.#judgeTools();
  }

  close(): void {
    this.#probe.close();
  }

  #sawSuccess(): void {
    this.#count('success', 'a call was answered');
    const { quarantine, quarantines } = this.#current;
    if (quarantine || quarantines === 0) return;
    this.#current = { ...this.#current, quarantines: 0 };
    this.deps.report({ about: 'success' });
  }

  #moveBreaker(next: Breaker): void {
    const { breaker } = this.#current;
    this.#current = { ...this.#current, breaker: next };
    if (isOtherState(breaker, next)) this.#reportBreaker();
    if (hasOpened(breaker, next)) {
      this.#count('error', `circuit breaker opened: ${next.reason}`);
    }
  }

  #reportBreaker(): void {
    this.deps.report({ about: 'breaker', breaker: this.#current.breaker });
  }

  #count(sight: OwnerObservation, reason: string): void {
    const { quarantine, maintenance } = this.#current;
    // A failure while nobody may use the server means nothing.
    if (quarantine || maintenance) return;
    this.#errors = countErrors(this.#errors, sight);
    if (!isQuarantineDue(this.deps.spec().quarantine ?? DEFAULT_QUARANTINE, this.#errors)) return;
    const text = `${this.#errors} errors in a row: ${reason}`.slice(0, MAX_REASON_LENGTH);
    this.deps.report({ about: 'errors', reason: text });
    this.#errors = 0;
  }

  async #judgeTools(): Promise<void> {
    const { tools } = this.#current;
    const listed = this.#listed;
    if (!listed) return;
    const judged = await judgeTools(this.deps.catalogues, tools?.hash, listed);
    const isOutdated = listed !== this.#listed || tools?.hash !== this.#current.tools?.hash;
    if (isOutdated) return this.#judgeTools();
    const { foundHash = judged.hash } = judged;
    const isAllowed = this.deps.spec().toolChanges === 'allow';
    this.#judged = isAllowed ? { hash: foundHash, changes: [] } : judged;
    const before = this.#current.tools;
    this.#current = { ...this.#current, tools: shareable(this.#judged) };
    const told = shareable(judged);
    if (!isOtherFinding(before, told)) return;
    this.deps.report({ about: 'tools', foundHash, changes: told.changes });
  }
}

function isOtherState(before: Breaker, after: Breaker): boolean {
  return before.state !== after.state || before.openUntilMs !== after.openUntilMs;
}
