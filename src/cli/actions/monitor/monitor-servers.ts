import { type MainspringClient } from '../../../client/mainspring-client';
import {
  withEvent,
  healthReport,
  type HealthReport,
  withMissedSample,
  newWatch,
  withSample,
  type Watch,
} from '../../../domain/health/health-report';
import { eventText } from '../../text/event-text';
import { pollServers } from './poll-servers';
import { isPassing } from '../../../client/is-passing';

/** Whoever reads the report while the monitor runs finds one that is at most so old. */
const WRITE_EVERY_MS = 5 * 60_000;

interface Watching {
  intervalMs: number;
  until: AbortSignal;
  write: (report: HealthReport) => Promise<string>;
  progress: (line: string) => void;
}

/** Watches until `until` fires: by regular polls, and exactly by the events in between. */
export async function monitorServers(
  { health, events }: Pick<MainspringClient, 'health' | 'events'>,
  { intervalMs, until, write, progress }: Watching,
): Promise<Watch> {
  let watch = newWatch(Date.now());
  const look = () => health.list({ sinceMs: watch.startedAtMs });
  const follow = async () => {
    for await (const event of events.follow({ limit: 0, signal: until })) {
      watch = withEvent(watch, event);
      if (event.kind !== 'note') progress(eventText(event));
    }
  };
  const following = follow();
  following.catch(() => undefined); // heard of below, also when it fails while nobody waits for it
  let writtenAt = -Infinity;
  for await (const seen of pollServers(look, intervalMs, until)) {
    watch = 'missed' in seen ? withMissedSample(watch) : withSample(watch, seen.servers, seen.atMs);
    if ('missed' in seen) progress(seen.missed);
    if (performance.now() - writtenAt < WRITE_EVERY_MS) continue;
    writtenAt = performance.now();
    await write(healthReport(watch, { nowMs: Date.now(), intervalMs, finished: false }));
  }
  await following;
  try {
    return withSample(watch, await look(), Date.now());
  } catch (error) {
    if (!isPassing(error)) throw error;
    return withMissedSample(watch);
  }
}
