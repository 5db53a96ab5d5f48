import { open } from 'node:fs/promises';
import { z } from 'zod';
import { MainspringError, reportOf } from '../base/errors';
import { parseForeignJson } from '../base/foreign-json';

/** Maximum size of a file; the lock of a program with thousands of packages has a few MB. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * Parses the output of a tool, a registry or a package into the shape that we use.
 *
 * @param source - name of the source in the error, such as `"npm view"`
 * @throws MainspringError INSTALL_FAILED
 */
export function parseForeignOutput<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  source: string,
): z.infer<Schema> {
  try {
    return schema.parse(parseForeignJson(text));
  } catch (cause) {
    throw unusable(source, problemOf(cause), cause);
  }
}

/**
 * Reads a text file that came with a package.
 *
 * @throws MainspringError INSTALL_FAILED when it is larger than any real one
 */
export async function readForeignFile(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw unusable(file, `has more than ${MAX_FILE_BYTES} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

function problemOf(error: unknown): string {
  if (!(error instanceof z.ZodError)) return reportOf(error).message;
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  return `has an unexpected format: ${issues.join('; ')}`;
}

function unusable(source: string, problem: string, cause?: unknown): MainspringError {
  return new MainspringError('INSTALL_FAILED', `Cannot read ${source}: it ${problem}.`, {
    fix: 'Check the package, the version of the tool, and the registry that it uses.',
    cause,
  });
}
