import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { packageRoot } from '../base/package-root';

/** Temporal's file format without constraints, which flags cannot express. */
const fileSchema = z.record(
  z.string(),
  z.tuple([
    z.strictObject({ value: z.union([z.number(), z.boolean(), z.string(), z.array(z.string())]) }),
  ]),
);

/**
 * Returns the settings of temporal-config/dynamic-config.yaml as flags of `temporal server
 * start-dev`.
 */
export function dynamicConfigFlags(): string[] {
  const file = path.join(packageRoot(), 'temporal-config', 'dynamic-config.yaml');
  const settings = fileSchema.parse(parse(readFileSync(file, 'utf8')));
  return Object.entries(settings).flatMap(([key, [{ value }]]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
}
