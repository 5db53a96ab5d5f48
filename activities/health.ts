import { PING_INTERVAL_MS, PING_TIMEOUT_MS } from '../src/domain/limits';
import { type Health } from '../src/domain/states';
import { type SupervisedServer } from './supervised-server';

export interface HealthProbe {
  /** Milliseconds that the last answered ping took. */
  latencyMs: number | undefined;
  lastPingAtMs: number | undefined;
  health: Health;
  /** Pings now: the child is new. */
  ping(): Promise<void>;
  close(): void;
}

/** Pings the child at an interval; only changes are told. */
export function probeHealth(
  server: SupervisedServer,
  onChange: (health: Health, reason: string) => void,
): HealthProbe {
  const timer = setInterval(() => void ping(), PING_INTERVAL_MS);
  const probe: HealthProbe = {
    latencyMs: undefined,
    lastPingAtMs: undefined,
    health: 'HEALTHY',
    ping,
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
      probe.latencyMs = await serving.connection.ping(PING_TIMEOUT_MS);
      probe.lastPingAtMs = Date.now();
      see('HEALTHY', 'it answers pings');
    } catch (error) {
      // A child that went away meanwhile is the supervision's business, not a bad health.
      if (server.serving === serving) see('UNHEALTHY', `ping failed: ${String(error)}`);
    }
  }
  return probe;
}
