import { setMaxListeners } from 'node:events';
import { MainspringError } from '../../src/base/errors';
import {
  type CheckResult,
  type HealthPolicy,
  type HealthResult,
} from '../../src/domain/health/health';
import { checksOf, healthPolicyOf, nextRoundMs } from '../../src/domain/health/health-policy';
import {
  type AfterRound,
  afterRound,
  JUST_STARTED,
  type Round,
} from '../../src/domain/health/health-rounds';
import { memoryExcess } from '../../src/domain/health/memory-limit';
import { type SessionHeartbeat } from '../../src/domain/entity/session';
import { type ServerSpec } from '../../src/domain/spec';
import { type Health } from '../../src/domain/states';
import { type ListedTools, type ToolDefinition } from '../../src/domain/catalogue/tools';
import { type HostDeps } from '../deps';
import { runCheck } from './checks/run-check';
import { LatencyRing } from './latency-ring';
import { keepConnected } from './remote-pings';
import { type SessionIsolation } from '../server/session-isolation';
import { type Serving, type SupervisedServer } from '../server/supervised-server';
import { type Usage, UsageMeter } from './usage-meter';
import { wakeableSleep } from '../../src/async/wakeable-sleep';
import { type Owner } from '../../src/domain/entity/owner';

/** Interval at which the memory of a server is compared with its limit, independent of its rounds of checks, in ms. */
export const MEMORY_CHECK_INTERVAL_MS = 5_000;

export interface Monitored {
  name: string;
  server: Pick<SupervisedServer, 'serving' | 'abandon'>;
  owner: Pick<Owner, 'generation' | 'host'>;
  host: Pick<HostDeps, 'home' | 'hostId' | 'guard' | 'groups' | 'healthLog' | 'memoryRounds'>;
  isolation: Pick<SessionIsolation, 'current' | 'healthChecked'>;
  /** Called when the server has listed its tools. */
  onTools: (serving: Serving, listed: ListedTools) => void;
  onChange: (health: Health, reason: string) => void;
}

type Measured = Round & { usage: Usage | undefined };

/** Monitors the health of one server, child after child, on the host that owns it. Temporal is notified of changes only. */
export class HealthMonitor {
  #standing = JUST_STARTED;
  #reason = 'ready';
  #watched: Serving | undefined;
  #ended = new AbortController();
  #meter = new UsageMeter(undefined);
  #wake: () => void = () => undefined;
  /** Whether it has listed tools since it started with this spec: another spec may mean another program. */
  #tools: { spec: ServerSpec; had: boolean } | undefined;
  #lastPing: { latencyMs: number; lastPingAtMs: number } | undefined;
  /** Start of the quarantine in which it was restarted last. */
  #restartedIn: number | undefined;
  readonly #latencies = new LatencyRing();

  constructor(private readonly monitored: Monitored) {}

  /**
   * Starts to monitor a child that has just started, and forgets the previous one. For the same child it repeats the
   * report of a bad health.
   */
  watch(serving: Serving): void {
    if (this.#watched === serving) return this.#reportAgain();
    const ended = new AbortController();
    setMaxListeners(0, ended.signal); // each check of a round has one
    this.close();
    this.#ended = ended;
    this.#watched = serving;
    this.#standing = JUST_STARTED;
    this.#reason = 'ready';
    this.#seeTools(serving, serving.catalogue.tools);
    void serving.connection.closed.then(() => ended.abort());
    const { pid } = serving.connection;
    this.#meter = new UsageMeter(pid);
    void this.#checkRounds(serving, ended.signal);
    if (pid === undefined) void keepConnected(this.monitored.server, serving, ended.signal);
    else this.#checkMemory(serving, ended.signal);
  }

  /**
   * Runs one round now, outside the schedule: the result is kept, but changes nothing.
   *
   * @throws MainspringError SERVER_NOT_RUNNING
   */
  async checkNow(): Promise<HealthResult> {
    const { serving } = this.monitored.server;
    if (!serving) throw new MainspringError('SERVER_NOT_RUNNING', 'It is not running.');
    const policy = healthPolicyOf(serving.spec);
    const round = await this.#round(serving, policy, new AbortController().signal);
    const { standing, reason } = afterRound(policy, this.#standing, round);
    const result = { ...this.#resultOf(round, standing.health, reason), onDemand: true };
    this.#keep(result);
    return result;
  }

  /** Returns its part of the heartbeats. */
  report(): Partial<SessionHeartbeat> & Pick<SessionHeartbeat, 'health'> {
    const usage = this.#meter.latest;
    return {
      health: this.#standing.health,
      healthReason: this.#reason,
      ...this.#lastPing,
      ...this.#latencies.percentiles,
      ...(usage && measuresOf(usage)),
      ...(usage && { cpuSeconds: usage.cpuSeconds }),
    };
  }

  close(): void {
    this.#ended.abort();
  }

  async #checkRounds(serving: Serving, ended: AbortSignal): Promise<void> {
    const policy = healthPolicyOf(serving.spec);
    while (!ended.aborted && policy.checks.length > 0) {
      const round = await this.#round(serving, policy, ended);
      // The supervision handles a child that went away meanwhile.
      if (ended.aborted || this.monitored.server.serving !== serving) return;
      const after = afterRound(policy, this.#standing, round);
      this.#take(serving, round, after);
      const pause = wakeableSleep(nextRoundMs(policy, after.isInDoubt, Math.random()), ended);
      this.#wake = pause.wake;
      await pause.over;
    }
  }

  async #round(serving: Serving, policy: HealthPolicy, ended: AbortSignal): Promise<Measured> {
    const { monitored } = this;
    const usage = this.#meter.measureRound();
    const subject = {
      serving,
      usage,
      host: monitored.host,
      hadTools: this.#tools?.had ?? false,
      onTools: (listed: ListedTools) => {
        if (ended.aborted) return;
        this.#seeTools(serving, listed.tools);
        monitored.onTools(serving, listed);
      },
    };
    const wanted = checksOf(policy, usage?.isSuspended ?? false);
    const checks = await Promise.all(
      wanted.map((check) => runCheck(policy, check, subject, ended)),
    );
    const { callMs, toolsMs = {} } = serving.spec.timeouts;
    return {
      atMs: Date.now(),
      checks,
      usage,
      inFlight: serving.calls.count,
      callMs: Math.max(callMs, ...Object.values(toolsMs)),
      isSuspended: usage?.isSuspended ?? false,
    };
  }

  #take(serving: Serving, round: Measured, after: AfterRound): void {
    const { outcome, standing, reason, restart } = after;
    const { isolation } = this.monitored;
    const isNew = standing.health !== this.#standing.health;
    this.#standing = standing;
    this.#reason = reason;
    this.#seeLatency(round);
    this.#keep(this.#resultOf(round, standing.health, reason));
    if (isNew) this.monitored.onChange(standing.health, reason);
    if (outcome !== 'busy') isolation.healthChecked(outcome !== 'failed', reason);
    if (restart && !this.#hasUsedRestart()) {
      this.#restart(serving, new MainspringError('HEALTH_CHECK_FAILED', restart));
    }
  }

  /**
   * Whether the restart of this quarantine is used up: what it does not fix is left to the probes, which do not end in
   * a crash loop.
   */
  #hasUsedRestart(): boolean {
    const { quarantine } = this.monitored.isolation.current;
    const isSame = quarantine !== undefined && quarantine.sinceMs === this.#restartedIn;
    this.#restartedIn = quarantine?.sinceMs;
    return isSame;
  }

  /** Restarts the server, except in maintenance: then somebody is working on it, and it is only watched. */
  #restart(serving: Serving, why: MainspringError): void {
    const { server, isolation } = this.monitored;
    if (!isolation.current.maintenance) server.abandon(serving, why);
  }

  #checkMemory(serving: Serving, ended: AbortSignal): void {
    const { limits, restart } = serving.spec;
    const look = () => {
      const usage = this.#meter.measure();
      if (!usage) return;
      if (usage.isSuspended) this.#wake(); // it answers nothing: no need to wait for the next round
      const excess = memoryExcess(limits, usage.rssBytes);
      if (excess === undefined || restart.policy === 'never') return;
      this.#restart(serving, new MainspringError('MEMORY_EXCEEDED', excess));
    };
    const leaveRounds = this.monitored.host.memoryRounds.add(look);
    ended.addEventListener('abort', leaveRounds, { once: true });
  }

  #seeTools({ spec }: Serving, tools: readonly ToolDefinition[]): void {
    const had = this.#tools?.spec === spec && this.#tools.had;
    this.#tools = { spec, had: had || tools.length > 0 };
  }

  #seeLatency({ atMs, checks }: Round): void {
    const latencyMs = latencyOf(checks);
    if (latencyMs !== undefined) this.#latencies.add(latencyMs);
    const ping = checks.find(({ kind }) => kind === 'ping');
    if (ping?.latencyMs !== undefined) {
      this.#lastPing = { latencyMs: ping.latencyMs, lastPingAtMs: atMs };
    }
  }

  #resultOf(round: Measured, health: Health, reason: string): HealthResult {
    const { name, owner } = this.monitored;
    const { atMs, checks, inFlight, usage } = round;
    const latencyMs = latencyOf(checks);
    return {
      server: name,
      atMs,
      health,
      reason,
      checks,
      inFlight,
      ...(latencyMs !== undefined && { latencyMs }),
      ...(usage && measuresOf(usage)),
      host: owner.host,
      generation: owner.generation,
    };
  }

  #keep(result: HealthResult): void {
    void this.monitored.host.healthLog(result);
  }

  /** Repeats the report of a bad health: the server may count as healthy since it was reported as ready. */
  #reportAgain(): void {
    const { health } = this.#standing;
    if (health !== 'HEALTHY') this.monitored.onChange(health, this.#reason);
  }
}

function latencyOf(checks: readonly CheckResult[]): number | undefined {
  const answered = checks.filter(({ latencyMs }) => latencyMs !== undefined);
  return (answered.find(({ kind }) => kind === 'ping') ?? answered[0])?.latencyMs;
}

function measuresOf({ rssBytes, threads, cpuPercent }: Usage) {
  return { rssBytes, threads, ...(cpuPercent !== undefined && { cpuPercent }) };
}
