import { existsSync } from 'node:fs';
import path from 'node:path';

let root: string | undefined;

/** The folder of Mainspring's package.json, whether the code runs from src/ or from dist/src/. */
export function packageRoot(): string {
  root ??= walkUp(__dirname);
  return root;
}

function walkUp(folder: string): string {
  if (existsSync(path.join(folder, 'package.json'))) return folder;
  const parent = path.dirname(folder);
  if (parent === folder) throw new Error(`no package.json above ${__dirname}`);
  return walkUp(parent);
}
