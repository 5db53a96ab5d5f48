import { parseEnv } from 'node:util';
import { withoutByteOrderMark } from '../../base/byte-order-mark';

/** Which quotes a value can be put between depends on what is in it; there is no escaping. */
const QUOTES = ["'", '"', '`'];

/** The variables of a `.env` file. */
export function variablesIn(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(withoutByteOrderMark(text)))) {
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/** One variable as a `.env` file has it; undefined when its value cannot be written there. */
export function envLine(name: string, value: string): string | undefined {
  const lines = QUOTES.map((quote) => `${name}=${quote}${value}${quote}`);
  return lines.find((line) => variablesIn(line)[name] === value);
}
