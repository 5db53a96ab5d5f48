import { type Outcome } from '../domain/calls/calls';
import { type ErrorCode } from '../base/errors';

/** The exit codes are a contract: 0 done, 1 failed or refused, 2 wrong usage, 3 outcome unknown; 130 is Ctrl-C, as in shells. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unknown: 3, interrupted: 130 } as const;

const OF_OUTCOME: Record<Outcome, number> = {
  ok: EXIT.ok,
  tool_error: EXIT.failed,
  failed: EXIT.failed,
  cancelled: EXIT.failed,
  unknown: EXIT.unknown,
};

export function exitCodeOf(outcome: Outcome): number {
  return OF_OUTCOME[outcome];
}

export function exitCodeOfError(code: ErrorCode): number {
  if (code === 'WRONG_USAGE') return EXIT.usage;
  if (code === 'COMMAND_INTERRUPTED' || code === 'START_INTERRUPTED') return EXIT.interrupted;
  return code === 'OUTCOME_UNKNOWN' ? EXIT.unknown : EXIT.failed;
}
