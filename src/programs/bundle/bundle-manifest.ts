import path from 'node:path';
import { z } from 'zod';
import { MainspringError, reportOf } from '../../base/errors';
import { parseForeignJson } from '../../base/foreign-json';
import { type BundleQuestion, type RunCommand } from '../../domain/programs/programs';

const command = z.looseObject({
  command: z.string().min(1).optional(),
  args: z.array(z.string()).optional(),
  env: z.record(z.string(), z.string()).optional(),
});

const setting = z.looseObject({
  title: z.string().optional(),
  required: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]).optional(),
});

/** The part of a bundle's manifest.json that we use. Source: MANIFEST.md of modelcontextprotocol/mcpb, versions 0.1 to 0.4. */
const manifestSchema = z.looseObject({
  name: z.string().min(1),
  version: z.string().min(1),
  server: z.looseObject({
    type: z.enum(['node', 'python', 'uv', 'binary']),
    entry_point: z.string().min(1),
    mcp_config: command
      .extend({ platform_overrides: z.record(z.string(), command).optional() })
      .optional(),
  }),
  compatibility: z.looseObject({ platforms: z.array(z.string()).optional() }).optional(),
  user_config: z.record(z.string(), setting).optional(),
});

export type BundleManifest = z.infer<typeof manifestSchema>;

/** Location of a bundle, and the machine it is on. */
export interface BundleLocation {
  /** Absolute path. */
  folder: string;
  /** Names of its files, with `/` as separator. */
  files: readonly string[];
  home: string;
  platform: NodeJS.Platform;
  /** Python with the dependencies installed, for bundles that only list them. */
  python?: RunCommand;
}

export function parseBundleManifest(text: string): BundleManifest {
  try {
    return manifestSchema.parse(parseForeignJson(text));
  } catch (cause) {
    const why =
      cause instanceof z.ZodError
        ? cause.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')
        : `it ${reportOf(cause).message}`;
    throw new MainspringError(
      'BUNDLE_REFUSED',
      `The bundle's manifest.json is not valid: ${why}.`,
      {
        cause,
      },
    );
  }
}

/** Returns the command that starts a bundle; `${user_config.…}` is left for the values of the user. */
export function bundleRun(manifest: BundleManifest, location: BundleLocation): RunCommand {
  const { server, compatibility, user_config: questions } = manifest;
  const platforms = compatibility?.platforms;
  if (platforms && !platforms.includes(location.platform)) {
    throw new MainspringError(
      'INSTALL_FAILED',
      `"${manifest.name}" supports ${platforms.join(', ')}, but not ${location.platform}.`,
      { fix: 'Get a bundle for this platform from its publisher.' },
    );
  }
  const { platform_overrides: overrides, ...general } = server.mcp_config ?? defaultCommand(server);
  const own = overrides?.[location.platform];
  const env = { ...general.env, ...own?.env };
  const fill = (text: string) => fillFolderNames(text, location);
  const located = (text: string) => insideBundle(fill(text), location);
  const run = {
    command: interpreter(located(own?.command ?? general.command ?? server.entry_point)),
    args: (own?.args ?? general.args ?? []).map(located),
    env: Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
    ...(questions && { questions: questionsOf(questions, fill) }),
  };
  return location.python ? inEnvironment(run, located(server.entry_point), location.python) : run;
}

/** Replaces `uv run <options> <entry point>`, which would install at every start; arguments after it stay. */
function inEnvironment(run: RunCommand, entryPoint: string, python: RunCommand): RunCommand {
  const rest = run.args.slice(run.args.indexOf(entryPoint) + 1);
  return {
    ...run,
    command: python.command,
    args: [...python.args, entryPoint, ...(run.args.includes(entryPoint) ? rest : [])],
    env: { ...python.env, ...run.env },
  };
}

function defaultCommand({ type, entry_point: file }: BundleManifest['server']) {
  const launchers = { node: ['node'], python: ['python3'], uv: ['uv', 'run'], binary: [] };
  const [first = file, ...rest] = [...launchers[type], file];
  return { command: first, args: rest, env: {}, platform_overrides: undefined };
}

/** Uses the Node.js that runs Mainspring, and a name of Python that every system has. */
function interpreter(name: string): string {
  if (name === 'node') return process.execPath;
  return name === 'python' ? 'python3' : name;
}

/** Makes paths of the bundle's own files absolute: bundles write them relative to their folder. */
function insideBundle(text: string, { folder, files }: BundleLocation): string {
  const name = path.posix.normalize(text);
  return files.includes(name) ? path.join(folder, name) : text;
}

function fillFolderNames(text: string, { folder, home }: BundleLocation): string {
  const folders: Record<string, string> = {
    __dirname: folder,
    HOME: home,
    DESKTOP: path.join(home, 'Desktop'),
    DOCUMENTS: path.join(home, 'Documents'),
    DOWNLOADS: path.join(home, 'Downloads'),
    pathSeparator: path.sep,
    '/': path.sep,
  };
  return text.replace(/\$\{([A-Za-z_/]+)\}/g, (whole, name: string) => folders[name] ?? whole);
}

function questionsOf(
  questions: NonNullable<BundleManifest['user_config']>,
  fill: (text: string) => string,
): Record<string, BundleQuestion> {
  return Object.fromEntries(
    Object.entries(questions).map(([key, { title, required, default: given }]) => [
      key,
      {
        title: title ?? key,
        required: required ?? false,
        ...(given !== undefined && {
          default: Array.isArray(given) ? given.map(fill) : fill(String(given)),
        }),
      },
    ]),
  );
}
