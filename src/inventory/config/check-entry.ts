import { MainspringError } from '../../base/errors';
import { entrySchema, type ServerEntry } from './config-schema';
import { checkDocument, formatPath } from './problems';

/** Checks one entry from outside a config file: from flags or the client. INVALID_CONFIG names the field. */
export function checkEntry(name: string, entry: unknown): ServerEntry {
  const checked = checkDocument(entrySchema, entry);
  if ('value' in checked) return checked.value;
  const lines = checked.problems.map(
    (problem) => `${formatPath([name, ...problem.path])}: ${problem.message}`,
  );
  throw new MainspringError('INVALID_CONFIG', lines.join('\n'));
}
