import { parseEnv } from 'node:util';
import { withoutByteOrderMark } from '../../base/byte-order-mark';

/** Possible quotes of a value; the choice depends on its characters, because there is no escaping. */
const QUOTES = ["'", '"', '`'];

/** Parses the variables of a `.env` file. */
export function variablesIn(text: string): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(parseEnv(withoutByteOrderMark(text)))) {
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/** Formats one variable for a `.env` file; undefined when its value cannot be written there. */
export function envLine(name: string, value: string): string | undefined {
  const lines = QUOTES.map((quote) => `${name}=${quote}${value}${quote}`);
  return lines.find((line) => variablesIn(line)[name] === value);
}
