import { open, type Entry, type ZipFile } from 'yauzl';
import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { variableNameOf } from '../references/references';
import { checkDocument, formatPath } from './problems';
import { parseLocatedJson } from './located-json';
import { type JsonObject } from '../../base/json';

/** Maximum size of a manifest; real ones have a few kilobytes. */
const MAX_MANIFEST_BYTES = 1024 * 1024;
const MANIFEST = 'manifest.json';

const setting = z.looseObject({
  type: z.string().optional(),
  required: z.boolean().optional(),
  sensitive: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
});

/** Manifest of an `.mcpb` bundle, limited to its settings. Source: MANIFEST.md of modelcontextprotocol/mcpb, version 0.3. */
const manifestSchema = z.looseObject({
  name: z.string(),
  server: z.looseObject({}),
  user_config: z.record(z.string(), setting).optional(),
});

export type Manifest = z.infer<typeof manifestSchema>;

/** Reads the manifest of a bundle. INVALID_CONFIG explains why the file is not one. */
export async function readManifest(file: string): Promise<Manifest> {
  const text = await readMember(file, MANIFEST);
  if (text === undefined) throw noBundle(file, `it has no ${MANIFEST}`);
  const located = parseLocatedJson(text);
  if ('problem' in located) {
    const { line, column, message } = located.problem;
    throw new MainspringError('INVALID_JSON', `${file}/${MANIFEST}:${line}:${column}: ${message}`);
  }
  const checked = checkDocument(manifestSchema, located.value);
  if ('value' in checked) return checked.value;
  const lines = checked.problems.map(
    ({ path, message }) =>
      `${file}/${MANIFEST}:${located.lineOf(path)}: ${formatPath(path)}: ${message}`,
  );
  throw new MainspringError('INVALID_CONFIG', lines.join('\n'));
}

/** Returns values for the settings of a manifest: its defaults, and references to variables for required ones. */
export function valuesOf({ user_config: settings = {} }: Manifest): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, { default: given, required }]) => {
      if (given !== undefined) return [[key, located(given)]];
      return required ? [[key, `\${${variableNameOf(key)}}`]] : [];
    }),
  );
}

/** Replaces the folder names that a manifest may use; they are below the home folder on all systems. */
function located<Value>(value: Value): Value | string {
  if (typeof value !== 'string') return value;
  return value
    .replaceAll('${DESKTOP}', '${HOME}/Desktop')
    .replaceAll('${DOCUMENTS}', '${HOME}/Documents')
    .replaceAll('${DOWNLOADS}', '${HOME}/Downloads')
    .replaceAll('${/}', '/');
}

function readMember(file: string, name: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => reject(noBundle(file, error.message));
    open(file, { lazyEntries: true, autoClose: true }, (error, zip) => {
      if (error) return fail(error);
      zip.once('error', fail);
      zip.once('end', () => resolve(undefined));
      zip.on('entry', (entry: Entry) => {
        if (entry.fileName !== name) zip.readEntry();
        else if (entry.uncompressedSize > MAX_MANIFEST_BYTES)
          fail(new Error(`its ${name} is too large`));
        else readText(zip, entry).then(resolve, fail);
      });
      zip.readEntry();
    });
  });
}

function readText(zip: ZipFile, entry: Entry): Promise<string> {
  return new Promise((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return reject(error);
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.once('error', reject);
      stream.once('end', () => {
        zip.close();
        resolve(Buffer.concat(chunks).toString('utf8'));
      });
    });
  });
}

function noBundle(file: string, why: string): MainspringError {
  return new MainspringError('INVALID_CONFIG', `${file} is not a valid .mcpb bundle: ${why}`);
}
