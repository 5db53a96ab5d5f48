import { existsSync } from 'node:fs';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { LEGACY_FILE } from '../../offline/config-paths';
import { type Output } from '../terminal/output';

/**
 * Mentions a legacy config in the working directory of which nothing was imported yet. It is not imported
 * automatically: whoever can put a file into a folder must not thereby run commands.
 */
export async function mentionLegacyConfig(output: Output, home: string): Promise<void> {
  if (!existsSync(path.resolve(LEGACY_FILE))) return;
  const { newLegacyConfig } = await import('../../offline/legacy-config.js');
  const text = await newLegacyConfig(home, process.cwd()).then(
    (legacy) =>
      legacy &&
      `Found ${legacy.file} with ${namesOf(legacy.entries)}. To import it: mainspring import mcp_servers.json`,
    (error: unknown) => {
      if (error instanceof MainspringError) return `Not imported: ${error.message}`;
      throw error;
    },
  );
  if (text !== undefined) output.progress(text);
}

/** Most names that fit into a line. */
const MAX_NAMES = 5;

function namesOf(entries: readonly { name: string }[]): string {
  const names = entries.slice(0, MAX_NAMES).map(({ name }) => name);
  const left = entries.length - names.length;
  return `${names.join(', ')}${left > 0 ? ` and ${left} more` : ''}`;
}
