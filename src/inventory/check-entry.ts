import { MainspringError } from '../domain/errors';
import { entrySchema, type ServerEntry } from './config-schema';
import { checkDocument, formatPath } from './problems';

/** A server entry that did not come from a file: INVALID_CONFIG names every field that is wrong. */
export function checkEntry(name: string, entry: unknown): ServerEntry {
  const checked = checkDocument(entrySchema, entry);
  if ('value' in checked) return checked.value;
  const problems = checked.problems.map(({ path, message }) =>
    path.length > 0 ? `${formatPath(path)}: ${message}` : message,
  );
  throw new MainspringError('INVALID_CONFIG', `Server "${name}": ${problems.join('; ')}.`);
}
