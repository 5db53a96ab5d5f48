import { MainspringError } from '../src/domain/errors';
import { PING_INTERVAL_MS, PING_TIMEOUT_MS } from '../src/domain/limits';
import { type HealthResult } from '../src/domain/health';
import { type Health } from '../src/domain/states';
import { type SupervisedServer } from './supervised-server';

export interface HealthProbe {
  /** Milliseconds that the last answered ping took. */
  latencyMs: number | undefined;
  lastPingAtMs: number | undefined;
  health: Health;
  /** Pings now: the child is new. */
  ping(): Promise<void>;
  /** One round now, which changes nothing. */
  checkNow(): Promise<HealthResult>;
  close(): void;
}

/** A remote server that misses so many pings in a row is connected to anew: nothing else may tell that it is gone. */
const MAX_FAILED_PINGS = 2;

/** Pings the child at an interval; only changes are told. */
export function probeHealth(
  server: SupervisedServer,
  onChange: (health: Health, reason: string) => void,
): HealthProbe {
  let failures = 0;
  const timer = setInterval(() => void ping(), PING_INTERVAL_MS);
  const probe: HealthProbe = {
    latencyMs: undefined,
    lastPingAtMs: undefined,
    health: 'HEALTHY',
    ping,
    checkNow: async () => {
      throw new MainspringError('INTERNAL_ERROR', 'health checks come with the next commits');
    },
    close: () => clearInterval(timer),
  };
  const see = (health: Health, reason: string) => {
    if (probe.health !== health) onChange(health, reason);
    probe.health = health;
  };
  async function ping(): Promise<void> {
    const { serving } = server;
    if (!serving) return;
    try {
      const latencyMs = await serving.connection.ping(PING_TIMEOUT_MS);
      probe.latencyMs = Math.round(latencyMs * 10) / 10;
      probe.lastPingAtMs = Date.now();
      failures = 0;
      see('HEALTHY', 'it answers pings');
    } catch (error) {
      // A child that went away meanwhile is the supervision's business, not a bad health.
      if (server.serving !== serving) return;
      see('UNHEALTHY', `ping failed: ${String(error)}`);
      if (++failures >= MAX_FAILED_PINGS && serving.connection.pid === undefined) {
        server.abandon(serving, lost(failures));
      }
    }
  }
  return probe;
}

function lost(pings: number): MainspringError {
  return new MainspringError('CONNECTION_LOST', `it has not answered ${pings} pings`);
}
