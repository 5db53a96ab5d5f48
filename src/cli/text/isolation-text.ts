import { quarantineEndText } from '../../domain/calls/call-refusal';
import { type ServerStatus } from '../../domain/servers/status';

type Isolated = Pick<
  ServerStatus,
  'name' | 'breaker' | 'quarantine' | 'maintenance' | 'blockedTools'
>;

/** Lists what keeps calls from a server, a line each; nothing about what does not. */
export function isolationFacts(server: Isolated): [label: string, text: string][] {
  const { name, breaker, quarantine, maintenance, blockedTools } = server;
  const facts: [string, string][] = [];
  if (maintenance) {
    const calls = maintenance.calls === 'wait' ? 'calls wait' : 'calls are refused';
    facts.push(['Maintenance', `${maintenance.reason}; ${calls}`]);
  }
  if (quarantine) {
    facts.push(['Quarantine', `${quarantineEndText(quarantine)}: ${quarantine.reason}`]);
  }
  if (breaker.state !== 'closed') {
    facts.push(['Breaker', breaker.reason ? `${breaker.state}: ${breaker.reason}` : breaker.state]);
  }
  if (blockedTools.length > 0) {
    facts.push(['Blocked', `${blockedTools.join(', ')} (mainspring approve ${name})`]);
  }
  return facts;
}
