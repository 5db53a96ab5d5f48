import { transformFileSync } from '@swc/core';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const SOURCE = resolve(__dirname, '../../src');

/** Compiles folders of src, with those in them, into a folder, for programs that run outside of jest. Run them with `NODE_PATH`. */
export function compileSource(rooms: string[], folder: string): void {
  for (const room of rooms) {
    for (const name of readdirSync(join(SOURCE, room), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      const { code } = transformFileSync(join(SOURCE, room, name), {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      });
      const file = join(folder, room, name.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, code);
    }
  }
}

export const NODE_PATH = resolve(__dirname, '../../node_modules');
