import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { newerNode, npmTools } from '../tools';

/** Requirement sets of the suite: what a server of that revision must pass, frozen at its release. */
export const REVISIONS = ['2025-11-25', '2026-07-28'] as const;
export type Revision = (typeof REVISIONS)[number];

/** `required` counts for conformance; the others are run and reported. */
export type Group = 'required' | 'extension' | 'pending' | 'added-after-release';

export interface Scenario {
  name: string;
  group: Group;
  passes: boolean;
  /** Messages of the checks that failed. */
  failures: string[];
}

const checksSchema = z.array(
  z.object({ id: z.string(), status: z.string(), errorMessage: z.string().optional() }),
);
const NOT_SCORED = /^\s+[✓✗] (\S+) \((extension|pending|added-after-release)\)$/;
/** Results are in folders named `server-<scenario>-<time>`. */
const RESULT = /^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/;

export interface SuiteOptions {
  /** MCP endpoint. */
  url: string;
  revision: Revision;
  /** For each scenario. */
  timeoutMs: number;
  /** The only scenario to run; by default all that the revision requires. */
  scenario?: string;
}

/** Runs the official conformance suite against an MCP endpoint. */
export async function runSuite(options: SuiteOptions): Promise<Scenario[]> {
  const { url, revision, timeoutMs, scenario: only } = options;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'mainspring-conformance-'));
  try {
    const what = only
      ? ['--scenario', only, '--spec-version', revision]
      : ['--requirements', revision];
    const flags = ['--url', url, ...what, '--timeout', String(timeoutMs)];
    const said = await conformance(['server', ...flags, '-o', folder]);
    const groups = groupsOf(said);
    const results = (await readdir(folder)).map(async (name) => {
      const scenario = RESULT.exec(name)?.[1];
      if (scenario === undefined) throw new Error(`not a result of the suite: ${name}`);
      return scenarioOf(scenario, groups.get(scenario), path.join(folder, name, 'checks.json'));
    });
    const scenarios = await Promise.all(results);
    if (scenarios.length === 0) throw new Error(`the suite has run nothing:\n${said}`);
    return scenarios.sort((a, b) => a.name.localeCompare(b.name));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Returns the output of the suite; its exit code only repeats the results. */
async function conformance(args: string[]): Promise<string> {
  const [node, modules] = await Promise.all([newerNode(), npmTools('conformance')]);
  const program = path.join(modules, '@modelcontextprotocol', 'conformance', 'dist', 'index.js');
  const child = spawn(node, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await once(child, 'close');
  return said;
}

function groupsOf(said: string): Map<string, Group> {
  return new Map(
    said.split('\n').flatMap((line) => {
      const [, name, group] = NOT_SCORED.exec(line) ?? [];
      return name === undefined ? [] : [[name, group as Group] as const];
    }),
  );
}

async function scenarioOf(
  name: string,
  group: Group = 'required',
  file: string,
): Promise<Scenario> {
  const checks = checksSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const failed = checks.filter(({ status }) => status === 'FAILURE' || status === 'WARNING');
  return {
    name,
    group,
    passes: failed.length === 0,
    failures: failed.map(({ id, errorMessage = 'failed' }) => `${id}: ${errorMessage}`),
  };
}
