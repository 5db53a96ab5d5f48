import { type JsonObject } from '../../domain/calls';
import { checkDocument } from '../problems';
import { type Dialect, isObject, type Members, type Reading } from './dialect';
import { ownName } from './own-name';
import {
  type RegistryDocument,
  type RegistryPackage,
  type RegistryRemote,
  registrySchema,
} from './registry-schema';
import { dockerOptions } from './docker-options';
import { argumentsOf, filledIn, textsOf } from './registry-text';

/** The `server.json` of the official registry, or one of its answers, which wraps it. */
export const registryDialect: Dialect = {
  name: 'registry',
  detect: (document) => isRegistry(document) || isRegistry(document['server']),
  read(document): Reading {
    const isWrapped = !isRegistry(document);
    const path = isWrapped ? ['server'] : [];
    const value = isWrapped ? document['server'] : document;
    const checked = checkDocument(registrySchema, value);
    if ('problems' in checked) {
      const problems = checked.problems.map((problem) => ({
        ...problem,
        path: [...path, ...problem.path],
      }));
      return { servers: [], problems };
    }
    const entry = entryOf(checked.value);
    if (entry === undefined) {
      const message = 'expected a package from npm, PyPI, an image or a bundle, or a remote';
      return { servers: [], problems: [{ path: [...path, 'packages'], message }] };
    }
    const server = {
      name: ownName(checked.value.name),
      path,
      dialect: 'registry' as const,
      entry: { ...entry, extra: { registry: value } },
      warnings: warningsOf(checked.value),
    };
    return { servers: [server], problems: [] };
  },
};

function isRegistry(document: unknown): document is Members {
  if (!isObject(document) || 'mcpServers' in document) return false;
  const { $schema, name, packages, remotes } = document;
  const isNamed = typeof $schema === 'string' && /\/server\.schema\.json$/.test($schema);
  return (
    isNamed || (typeof name === 'string' && (Array.isArray(packages) || Array.isArray(remotes)))
  );
}

/** From the first package that we can install; a remote only when there is none. */
function entryOf({ packages = [], remotes = [] }: RegistryDocument): JsonObject | undefined {
  for (const found of packages) {
    const program = programOf(found);
    if (program !== undefined) return { ...program, ...listening(found) };
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

/** Some repeat the image among the options. */
function isImage(arg: string, identifier: string): boolean {
  const repository = (image: string) => image.replace(/[:@][^/]*$/, '');
  return repository(arg) === repository(identifier);
}

/** A package that serves HTTP is a program of ours that listens there. */
function listening({ transport }: RegistryPackage): JsonObject {
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

function warningsOf({ packages = [], remotes = [] }: RegistryDocument): string[] {
  const ways = packages.length + remotes.length;
  return ways > 1 ? [`of the ${ways} ways to run it, the first that works here was taken`] : [];
}
