import { diagnoseMachine } from './diagnose-machine';
import { diagnoseProxy } from './diagnose-proxy';
import { diagnoseServers } from './diagnose-servers';
import { diagnoseTools } from './diagnose-tools';
import { type Facts, type ServerFacts } from './facts';
import { type Finding } from './finding';

/** What the facts mean for Mainspring and for these servers, and what to type where they are not good enough. */
export function diagnose(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  return [
    ...diagnoseMachine(facts),
    ...diagnoseProxy(facts.proxy),
    ...diagnoseTools(facts, servers),
    ...diagnoseServers(facts, servers),
  ];
}
