import { readFile } from 'node:fs/promises';
import { type z } from 'zod';
import { MainspringError } from '../base/errors';
import { hasCode } from '../base/durable-file';
import { parseLocatedJson } from '../inventory/config/located-json';
import { checkDocument, formatPath } from '../inventory/config/problems';

/**
 * Reads and checks a JSON file. Errors name file, line and field, all of them at once.
 *
 * @throws MainspringError FILE_NOT_FOUND, INVALID_JSON, INVALID_CONFIG
 */
export async function readDocument<Value>(file: string, schema: z.ZodType<Value>): Promise<Value> {
  const located = parseLocatedJson(await readText(file));
  if ('problem' in located) {
    const { line, column, message } = located.problem;
    throw new MainspringError('INVALID_JSON', `${file}:${line}:${column}: ${message}`);
  }
  const checked = checkDocument(schema, located.value);
  if ('value' in checked) return checked.value;
  const lines = checked.problems.map(({ path, message }) => {
    const field = path.length > 0 ? `${formatPath(path)}: ` : '';
    return `${file}:${located.lineOf(path)}: ${field}${message}`;
  });
  throw new MainspringError('INVALID_CONFIG', lines.join('\n'));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const reason = hasCode(error, 'ENOENT') ? 'does not exist' : 'cannot be read';
    throw new MainspringError('FILE_NOT_FOUND', `The file ${file} ${reason}.`, { cause: error });
  }
}
