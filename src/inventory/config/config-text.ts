import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { MainspringError } from '../../base/errors';
import { hasCode } from '../../base/durable-file';
import { type ConfigSyntax, syntaxOf } from './config-syntax';

/** Maximum size of a config; real ones have a few kilobytes, and a larger file would only fill the memory. */
const MAX_CONFIG_BYTES = 16 * 1024 * 1024;
/** First bytes of every ZIP archive. */
const ZIP_START = Buffer.from('PK\u0003\u0004');

export type ConfigContent = { kind: 'bundle' } | { kind: ConfigSyntax; text: string };

/**
 * Reads a config file and detects its kind by content and name.
 *
 * @throws MainspringError FILE_NOT_FOUND, or INVALID_CONFIG when it is not text
 */
export async function readConfigText(file: string): Promise<ConfigContent> {
  const handle = await openFile(file);
  try {
    const start = await startOf(handle);
    if (start.equals(ZIP_START)) return { kind: 'bundle' };
    if (path.extname(file).toLowerCase() === '.mcpb') {
      throw new MainspringError(
        'INVALID_CONFIG',
        `${file} is not a valid .mcpb bundle: it is not a ZIP archive`,
      );
    }
    const { size } = await handle.stat();
    if (size > MAX_CONFIG_BYTES) {
      const message = `${file} is too large for a config: ${size} bytes (maximum: ${MAX_CONFIG_BYTES})`;
      throw new MainspringError('INVALID_CONFIG', message, {
        fix: 'Remove what does not belong in a config, or import its parts one by one.',
      });
    }
    const text = decoded(file, await handle.readFile());
    return { kind: syntaxOf(file, text), text };
  } finally {
    await handle.close();
  }
}

async function openFile(file: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file, 'r');
    if ((await handle.stat()).isFile()) return handle;
  } catch (error) {
    const reason = hasCode(error, 'ENOENT') ? 'does not exist' : 'cannot be read';
    throw new MainspringError('FILE_NOT_FOUND', `The config file ${file} ${reason}.`, {
      cause: error,
    });
  }
  await handle.close();
  throw new MainspringError('FILE_NOT_FOUND', `The config file ${file} is not a file.`);
}

async function startOf(handle: FileHandle): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(
    Buffer.alloc(ZIP_START.length),
    0,
    ZIP_START.length,
    0,
  );
  return buffer.subarray(0, bytesRead);
}

/** Decodes UTF-8, and UTF-16 as some Windows programs write it; refuses everything else. */
function decoded(file: string, content: Buffer): string {
  const isUtf16 = content[0] === 0xff && content[1] === 0xfe;
  try {
    const text = new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(content);
    if (!text.includes('\0')) return text;
  } catch {
    // reported below
  }
  throw new MainspringError('INVALID_CONFIG', `${file} is not a text file`, {
    fix: 'Use a config in JSON, YAML or TOML, or an .mcpb bundle.',
  });
}
