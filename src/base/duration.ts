import { MainspringError } from './errors';

const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;
const DURATION = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/;

/** Returns the milliseconds of "500ms", "30s", "1.5m" or "1h". */
export function parseDuration(text: string): number {
  const [, amount, unit] = DURATION.exec(text.trim()) ?? [];
  if (!amount || !isUnit(unit)) {
    throw new MainspringError(
      'WRONG_USAGE',
      `expected a duration such as "30s", got ${JSON.stringify(text)}`,
      { fix: 'Use a number with a unit: 500ms, 30s, 2m or 1h.' },
    );
  }
  return Math.round(Number(amount) * UNIT_MS[unit]);
}

function isUnit(text: string | undefined): text is keyof typeof UNIT_MS {
  return text !== undefined && Object.hasOwn(UNIT_MS, text);
}
