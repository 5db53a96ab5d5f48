import { InvalidArgumentError, Option } from 'commander';
import { parseDuration } from '../../base/duration';
import { durationMs } from './parse';

/** Shortest interval: more polls would cost the instance more than they show. */
const MIN_INTERVAL_MS = 100;

/** Creates `--interval <time>`, in milliseconds; `byDefault` is a duration such as `2s`. */
export function intervalOption(description: string, byDefault: string): Option {
  return new Option('--interval <duration>', description)
    .argParser(intervalMs)
    .default(parseDuration(byDefault), byDefault);
}

function intervalMs(text: string): number {
  const ms = durationMs(text);
  if (ms >= MIN_INTERVAL_MS) return ms;
  throw new InvalidArgumentError(`Expected at least ${MIN_INTERVAL_MS}ms.`);
}
