import { type HealthReport } from '../../domain/health/health-report';
import { msText, serversText } from './health-text';
import { healthText, renderTable, stateText } from './table';

/** Renders the report of a monitor: a line for each server, and one for all. */
export function renderReport({ servers, totals }: HealthReport, fancy: boolean): string {
  const head = [
    'Name',
    'State',
    'Health',
    'Available',
    'p50',
    'p95',
    'Restarts',
    'Calls',
    'Errors',
  ];
  const rows = servers.map(({ server, state, health, latency, restarts, calls, ...one }) => [
    server,
    stateText(state, fancy),
    healthText(health, fancy),
    percentText(one.availabilityPercent),
    msText(latency.p50Ms),
    msText(latency.p95Ms),
    String(restarts),
    String(calls.calls),
    String(Object.values(calls.errors).reduce((sum, { count }) => sum + count, 0)),
  ]);
  const available = percentText(totals.availabilityPercent);
  const summary = `${serversText(totals.servers)}, available ${available}, ${totals.restarts} restarts, ${totals.changes} changes`;
  return [renderTable(head, rows, fancy), summary].join('\n');
}

function percentText(percent: number | null): string {
  return percent === null ? '-' : `${percent}%`;
}
