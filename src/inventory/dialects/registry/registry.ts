import { type z } from 'zod';
import { checkDocument, type Path, type Problem } from '../../config/problems';
import { kindOf } from '../../config/shown-value';
import { isObject, type Members, type ReadResult } from '../dialect';
import { uniqueName } from '../unique-names';
import {
  packageSchema,
  type RegistryPackage,
  type RegistryRemote,
  remoteSchema,
} from './registry-schema';
import { dockerOptions } from './docker-options';
import { argumentsOf, filledIn, textOf, textsOf } from './registry-text';
import { withCurrentNames } from './registry-names';
import { type JsonObject } from '../../../base/json';

/** Reads one `server.json` of the official registry, at `path` of its document. */
export function readRegistry(value: Members, path: Path): ReadResult {
  const document = withCurrentNames(value);
  const packages = readAll(packageSchema, document['packages'], [...path, 'packages']);
  const remotes = readAll(remoteSchema, document['remotes'], [...path, 'remotes']);
  const problems = [...packages.problems, ...remotes.problems];
  const { name } = document;
  if (typeof name !== 'string' || name === '') {
    const message = `expected a string, got ${kindOf(name)}`;
    return { servers: [], problems: [...problems, { path: [...path, 'name'], message }] };
  }
  const entry = entryOf(packages.good, remotes.good);
  if (entry === undefined) {
    const message = 'expected a package from npm, PyPI, an image or a bundle, or a remote';
    return { servers: [], problems: [...problems, { path: [...path, 'packages'], message }] };
  }
  const server = {
    name: uniqueName(name),
    written: name,
    path,
    dialect: 'registry' as const,
    entry: { ...entry, extra: { registry: value } },
    warnings: warningsOf(packages.good, remotes.good).map((message) => ({ path: [], message })),
  };
  return { servers: [server], problems };
}

/** Checks each item by itself; an invalid one is skipped. */
function readAll<Value>(
  schema: z.ZodType<Value>,
  list: unknown,
  path: Path,
): { good: Value[]; problems: Problem[] } {
  if (list === undefined || list === null) return { good: [], problems: [] };
  if (!Array.isArray(list)) {
    return { good: [], problems: [{ path, message: `expected a list, got ${kindOf(list)}` }] };
  }
  const good: Value[] = [];
  const problems = list.flatMap((item: unknown, index): Problem[] => {
    const checked = checkDocument(schema, item);
    if ('value' in checked) {
      good.push(checked.value);
      return [];
    }
    return checked.problems.map((one) => ({ ...one, path: [...path, index, ...one.path] }));
  });
  return { good, problems };
}

export function isRegistry(document: unknown): document is Members {
  if (!isObject(document) || 'mcpServers' in document) return false;
  const { $schema, name, packages, remotes } = document;
  const isNamed = typeof $schema === 'string' && /\/server\.schema\.json$/.test($schema);
  return (
    isNamed || (typeof name === 'string' && (Array.isArray(packages) || Array.isArray(remotes)))
  );
}

/** Builds the entry from the first package that we can install; from a remote only when there is none. */
function entryOf(
  packages: readonly RegistryPackage[],
  remotes: readonly RegistryRemote[],
): JsonObject | undefined {
  for (const found of packages) {
    const program = programOf(found);
    if (program !== undefined) return { ...program, ...connectionOf(found) };
  }
  const [remote] = remotes;
  return remote && remoteOf(remote);
}

function programOf(found: RegistryPackage): JsonObject | undefined {
  const { identifier, version, registryType } = found;
  const exact = version === undefined ? '' : `@${version}`;
  const before = argumentsOf(found.runtimeArguments);
  const after = argumentsOf(found.packageArguments);
  const variables = textsOf(found.environmentVariables);
  const env: JsonObject = Object.keys(variables).length > 0 ? { env: variables } : {};
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- the others cannot be installed here
  switch (registryType) {
    case 'npm': {
      const yes = before.includes('-y') || before.includes('--yes') ? [] : ['-y'];
      return {
        command: 'npx',
        args: [...yes, ...before, `${identifier}${exact}`, ...after],
        ...env,
      };
    }
    case 'pypi':
      return { command: 'uvx', args: [...before, `${identifier}${exact}`, ...after], ...env };
    case 'oci': {
      const { options, env: given } = dockerOptions(
        before.filter((arg) => !isImage(arg, identifier)),
      );
      const all = { ...variables, ...given };
      const passed = Object.keys(all).flatMap((name) => ['-e', name]);
      const isTagged = /[@:][^/]*$/.test(identifier);
      const image = isTagged || version === undefined ? identifier : `${identifier}:${version}`;
      const args = ['run', '-i', '--rm', ...passed, ...options, image, ...after];
      return { command: 'docker', args, ...(passed.length > 0 && { env: all }) };
    }
    case 'mcpb':
      return {
        mcpb: identifier,
        ...(found.fileSha256 !== undefined && { integrity: `sha256:${found.fileSha256}` }),
        ...(after.length > 0 && { args: after }),
        ...env,
      };
    default:
      return undefined;
  }
}

/** Whether the argument repeats the image, as some documents do among the options. */
function isImage(arg: string, identifier: string): boolean {
  const repository = (image: string) => image.replace(/[:@][^/]*$/, '');
  return repository(arg) === repository(identifier);
}

/** Adds the URL of a package that serves HTTP: we start the program and connect to it. */
function connectionOf({ transport }: RegistryPackage): JsonObject {
  if (transport?.url === undefined || transport.type === 'stdio') return {};
  return remoteOf({ ...transport, url: transport.url });
}

function remoteOf({ type, url, headers, variables }: RegistryRemote): JsonObject {
  const texts = textsOf(headers);
  return {
    type: type === 'sse' ? 'sse' : 'http',
    url: filledIn(url, variables),
    ...(Object.keys(texts).length > 0 && { headers: texts }),
  };
}

function warningsOf(
  packages: readonly RegistryPackage[],
  remotes: readonly RegistryRemote[],
): string[] {
  const options = packages.length + remotes.length;
  const optional = packages
    .slice(0, 1)
    .flatMap(({ environmentVariables: all = [] }) =>
      all.filter((one) => textOf(one, one.name) === undefined).map(({ name }) => name),
    );
  return [
    ...(options > 1
      ? [`there are ${options} ways to run it; using the first one that works here`]
      : []),
    ...(optional.length > 0 ? [`optional variables not set: ${optional.join(', ')}`] : []),
  ];
}
