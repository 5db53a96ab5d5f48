import { setCurrentDetails } from '@temporalio/workflow';
import {
  type GrantKey,
  type GrantView,
  INSTANCE_PRINCIPAL,
  renewAtMs,
} from '../src/domain/oauth/oauth';

/** Shows the state of a grant in the Temporal UI. */
export function showToken(
  { server, principal }: GrantKey,
  view: GrantView | null | undefined,
  failed: { failure: Error; rounds: number; retryAtMs: number } | undefined,
): void {
  const lines = [`OAuth login of ${ownerOf(principal)} to **${server}**: ${stateOf(view)}`];
  if (view?.expiresAtMs !== undefined) lines.push(`- expires ${timeOf(view.expiresAtMs)}`);
  const renewAt = view ? renewAtMs(view) : undefined;
  if (renewAt !== undefined && !failed) lines.push(`- renewal ${timeOf(renewAt)}`);
  if (failed) {
    lines.push(`- ${failed.rounds} failed renewals: ${failed.failure.message}`);
    lines.push(`- retries ${timeOf(failed.retryAtMs)}`);
  }
  setCurrentDetails(lines.join('\n'));
}

function stateOf(view: GrantView | null | undefined): string {
  if (view === undefined) return 'looking it up';
  if (view === null) return '**nobody is logged in**';
  return view.ended ? `**${view.ended.message}**` : `granted ${timeOf(view.version)}`;
}

function ownerOf(principal: string): string {
  return principal === INSTANCE_PRINCIPAL ? 'this instance' : principal;
}

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}
