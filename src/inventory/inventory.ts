import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type ProgramPin, type ProgramSource } from '../domain/programs/programs';
import { MainspringError } from '../base/errors';
import { hasCode, writeDurably } from '../base/durable-file';
import { recordedReceiver } from './fields/alerts-field';
import { entrySchema } from './config/config-schema';
import { recordedGateway } from './fields/gateway-field';
import { withFileLock } from '../base/file-lock';
import { parseLocatedJson } from './config/located-json';
import { checkDocument, formatPath, type Problem } from './config/problems';
import { type Profile, recordedProfile } from './fields/profile-field';
import { nameProblem } from './fields/server-name';
import { shownValue } from './config/shown-value';
import { type Json } from '../base/json';

/** Time that a change waits for others; each takes a few milliseconds. */
const LOCK_TIMEOUT_MS = 10_000;

const json: z.ZodType<Json> = z.json();

const serverSchema = z.strictObject({
  /** Entry as its owner wrote it, so that it can be exported. */
  entry: entrySchema,
  /** Config file that it was merged from, or the command line. */
  origin: z.union(
    [
      z.literal('cli'),
      // With its name in the file, when it was imported under another.
      z.strictObject({ file: z.string(), name: z.string().optional() }),
    ],
    { error: ({ input }) => `expected "cli" or an object with a file, got ${shownValue(input)}` },
  ),
  /** File or template that an agent brought it from; it is not read again. */
  broughtFrom: z.string().optional(),
  /** Base folder of relative paths in the entry. */
  baseDir: z.string(),
  addedAtMs: z.number(),
  /** Metadata set by `mainspring meta`; it takes precedence over `meta` of the entry. */
  meta: z.record(z.string(), json),
  /** Consents of the command line, in addition to those of the entry. */
  allowScripts: z.array(z.string()).optional(),
  /** Variables in `secrets.env` by the field whose literal secret was moved there. */
  extracted: z.record(z.string(), z.string()).optional(),
  /**
   * Value of `enabled` in the config file when the server was switched by hand; the switch holds until the file's value
   * changes.
   */
  switchedFrom: z.boolean().optional(),
  /** Result of the installation, with its source: a changed source is installed again. */
  installed: z.custom<InstalledRecord>((value) => typeof value === 'object').optional(),
});

const inventorySchema = z.strictObject({
  version: z.literal(1),
  servers: z.record(
    z.string().superRefine((name, context) => {
      const message = nameProblem(name);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    }),
    serverSchema,
  ),
  profiles: z.record(z.string(), recordedProfile).optional(),
  alerts: z.array(recordedReceiver).optional(),
  gateway: z.array(recordedGateway).optional(),
  /** Servers in a config file that were removed by hand; reading the file again skips them. */
  removed: z.array(z.strictObject({ file: z.string(), name: z.string() })).optional(),
});

export { type Profile };

/** Result that an install workflow has recorded. Written only by Mainspring. */
export interface InstalledRecord {
  source: ProgramSource;
  pin: ProgramPin;
  atMs: number;
}

export type InventoryServer = z.infer<typeof serverSchema>;
export type Origin = InventoryServer['origin'];

/** All servers, profiles, alerts and gateway rules of a data directory. */
export type Inventory = z.infer<typeof inventorySchema>;

/** Last inventory read from each file, with the version of the file; every write replaces the file. */
const lastRead = new Map<string, { inventory: Inventory; version: string }>();

/** Reads the inventory of a data directory; empty when there is none yet. */
export async function readInventory(home: string): Promise<Inventory> {
  const file = inventoryFile(home);
  try {
    // Every request of a client checks it: another thread would take longer than the answer.
    const { ino, mtimeNs, size } = statSync(file, { bigint: true });
    const version = `${ino} ${mtimeNs} ${size}`;
    const last = lastRead.get(file);
    // Checking a thousand servers takes 50 ms, and every call of a sleeping server reads the inventory.
    if (last?.version === version) return last.inventory;
    const inventory = parseInventory(file, await readFile(file, 'utf8'));
    lastRead.set(file, { inventory, version });
    return inventory;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { version: 1, servers: tableOf([]) };
    throw error;
  }
}

/** Applies a change under a lock, so that concurrent changes of several processes are not lost; returns the new inventory. */
export async function updateInventory(
  home: string,
  change: (inventory: Inventory) => Inventory,
): Promise<Inventory> {
  return withFileLock(
    path.join(home, 'inventory.lock'),
    { timeoutMs: LOCK_TIMEOUT_MS },
    async () => {
      const before = await readInventory(home);
      const after = change(before);
      if (after !== before) {
        await writeDurably(inventoryFile(home), `${JSON.stringify(after, null, 2)}\n`);
      }
      return after;
    },
  );
}

/** Builds a table of servers without a prototype, so that `constructor` and similar names exist only when they were added. */
export function tableOf(servers: Iterable<[string, InventoryServer]>): Inventory['servers'] {
  const table: Inventory['servers'] = Object.fromEntries(servers);
  Object.setPrototypeOf(table, null);
  return table;
}

/** The inventory with changed records of these servers, or of all; each stays in its place. */
export function changeRecords(
  inventory: Inventory,
  names: readonly string[] | undefined,
  change: (record: InventoryServer) => InventoryServer,
): Inventory {
  const servers = Object.entries(inventory.servers).map(
    ([name, record]): [string, InventoryServer] => [
      name,
      (names?.includes(name) ?? true) ? change(record) : record,
    ],
  );
  return { ...inventory, servers: tableOf(servers) };
}

function inventoryFile(home: string): string {
  return path.join(home, 'inventory.json');
}

function parseInventory(file: string, text: string): Inventory {
  const checked = checkDocument(inventorySchema, parsePlain(text));
  if ('problems' in checked) throw corrupt(file, text);
  return { ...checked.value, servers: tableOf(Object.entries(checked.value.servers)) };
}

/** Many times faster than the parser that records lines, which only error messages need. */
function parsePlain(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // reported with line and column by `corrupt`
  }
}

function corrupt(file: string, text: string): MainspringError {
  const located = parseLocatedJson(text);
  if ('problem' in located) {
    const { line, column, message } = located.problem;
    return new MainspringError('INVENTORY_CORRUPT', `${file}:${line}:${column}: ${message}`);
  }
  const checked = checkDocument(inventorySchema, located.value);
  const problems = 'problems' in checked ? checked.problems : [NOT_PLAIN_JSON];
  const lines = problems.map(
    ({ path: field, message }) =>
      `${file}:${located.lineOf(field)}: ${formatPath(field)}: ${message}`,
  );
  return new MainspringError('INVENTORY_CORRUPT', lines.join('\n'));
}

const NOT_PLAIN_JSON: Problem = {
  path: ['servers'],
  message: 'comments and trailing commas are not supported here; remove them',
};
