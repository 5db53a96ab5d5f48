import { open } from 'node:fs/promises';
import path from 'node:path';
import { type RunCommand } from '../../domain/programs/programs';

const HEAD_BYTES = 256;
const JAVASCRIPT = /\.[cm]?js$/;
/** `#!/usr/bin/env node`, `#!/usr/bin/env -S node --flag`, `#!/usr/local/bin/node`. */
const NODE_SHEBANG = /^#!\s*(?:\S*\/env\s+(?:-S\s*)?)?(?:\S*\/)?node(?:\s+(.*))?$/;

/** Returns the command for a program file: JavaScript runs with our Node.js, anything else runs directly. */
export async function nodeRun(file: string): Promise<RunCommand> {
  const flags = nodeFlags(path.basename(file), await firstLine(file));
  if (flags === undefined) return { command: file, args: [], env: {} };
  return { command: process.execPath, args: [...flags, file], env: {} };
}

/** Returns the Node.js flags of a file's first line; undefined when the file is not for Node.js. */
export function nodeFlags(name: string, line: string): string[] | undefined {
  const shebang = NODE_SHEBANG.exec(line);
  if (shebang) return shebang[1]?.split(/\s+/).filter(Boolean) ?? [];
  return JAVASCRIPT.test(name) && !line.startsWith('#!') ? [] : undefined;
}

async function firstLine(file: string): Promise<string> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.toString('utf8', 0, bytesRead).split(/\r?\n/, 1).join('');
  } finally {
    await handle.close();
  }
}
