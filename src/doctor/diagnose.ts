import { diagnoseMachine } from './diagnose-machine';
import { diagnoseProxy } from './diagnose-proxy';
import { diagnoseServers } from './diagnose-servers';
import { diagnoseTools } from './diagnose-tools';
import { type Facts, type ServerFacts } from './facts';
import { type Finding } from './finding';

/** Decides what the facts mean for Mainspring and for these servers, and which commands fix the problems. */
export function diagnose(facts: Facts, servers: readonly ServerFacts[]): Finding[] {
  return [
    ...diagnoseMachine(facts),
    ...diagnoseProxy(facts.proxy),
    ...diagnoseTools(facts, servers),
    ...diagnoseServers(facts, servers),
  ];
}
