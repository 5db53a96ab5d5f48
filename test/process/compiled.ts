import { transformFileSync } from '@swc/core';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const SOURCE = resolve(__dirname, '../../src');

/** Compiles folders of src, without those in them, into a folder, for programs that run outside of jest. Run them with `NODE_PATH`. */
export function compileSource(parts: string[], folder: string): void {
  for (const part of parts) {
    for (const { name } of readdirSync(join(SOURCE, part), { withFileTypes: true }).filter(
      (entry) => entry.isFile(),
    )) {
      const { code } = transformFileSync(join(SOURCE, part, name), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      });
      const file = join(folder, part, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, code);
    }
  }
}

export const NODE_PATH = resolve(__dirname, '../../node_modules');
