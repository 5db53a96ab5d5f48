import { z } from 'zod';
import { MainspringError } from '../../base/errors';
import { ENGINE_VARIABLES } from '../../domain/programs/container-run';
import { type ImageSource } from '../../domain/programs/programs';
import { type Engine, findEngine } from './docker-engine';
import { parseForeignOutput } from '../foreign-output';
import { type Installer, type InstallerIo } from '../installer';
import { type FailureRule } from '../tool-failure';

const RULES: FailureRule[] = [
  {
    pattern: /manifest(?: for \S+)? (?:not found|unknown)|no matching manifest/i,
    code: 'VERSION_NOT_FOUND',
  },
  {
    pattern:
      /repository does not exist|pull access denied|name unknown|requested access .* denied/i,
    code: 'PACKAGE_NOT_FOUND',
  },
  { pattern: /TLS handshake timeout|deadline exceeded/i, code: 'REGISTRY_UNREACHABLE' },
  { pattern: /Cannot connect to the Docker daemon/i, code: 'PREREQUISITE_MISSING' },
];

const inspectionSchema = z.tuple([
  z.object({ Id: z.string(), RepoDigests: z.array(z.string()).nullish() }),
]);

/** Installs images, pulled by docker or podman and run by their digest. */
export const dockerInstaller: Installer<ImageSource> = {
  async install({ source, pin }, _folder, io) {
    const engine = fileOf(await findEngine(io.env));
    const { repository, version } = parseImage(source.image);
    const image = pin === undefined ? source.image : pinnedImage(repository, pin.integrity);
    io.onStep(`pulling ${image}`);
    const integrity = await digestOf(engine, image, platformOf(source.options), io);
    return {
      pin: { name: repository, version: pin?.version ?? version, integrity },
      run: {
        command: engine,
        args: [...source.options, pinnedImage(repository, integrity)],
        env: engineVariables(io.env),
      },
      blockedScripts: [],
    };
  },

  async latest({ image }) {
    return parseImage(image).version; // a registry lists newer tags only through its own API
  },
};

/** Returns the registry digest of an image. An image that was built on this machine has none; its id is used instead. */
async function digestOf(
  engine: string,
  image: string,
  platform: string[],
  io: InstallerIo,
): Promise<string> {
  const run = (args: string[], quiet: boolean) =>
    io.run({ command: engine, args, cwd: '/', env: engineVariables(io.env), rules: RULES, quiet });
  const inspect = async () => {
    const output = await run(['image', 'inspect', image], true);
    const [found] = parseForeignOutput(inspectionSchema, output, `"image inspect ${image}"`);
    const { Id: id, RepoDigests: digests } = found;
    return ownDigest(parseImage(image).repository, digests ?? []) ?? localId(id);
  };
  if (image.startsWith(LOCAL_PREFIX)) return inspect();
  try {
    await run(['pull', ...platform, image], false);
  } catch (error) {
    const isUnknown = error instanceof MainspringError && error.code === 'PACKAGE_NOT_FOUND';
    if (!isUnknown) throw error;
    return inspect().catch(() => {
      throw error;
    });
  }
  return inspect();
}

/** Returns the digest for this repository, because an image may be known under several names. */
function ownDigest(repository: string, digests: string[]): string | undefined {
  const own = digests.find((digest) => digest.startsWith(`${repository}@`)) ?? digests[0];
  return /@(sha256:[0-9a-f]{64})$/.exec(own ?? '')?.[1];
}

/** Prefix that distinguishes the id of an image from a name with a digest. */
const LOCAL_PREFIX = 'sha256:';

function localId(id: string): string {
  return `image:${id.replace(LOCAL_PREFIX, '')}`;
}

/** Returns the image to run: a repository with its digest, or the id of a local image. */
export function pinnedImage(repository: string, integrity: string): string {
  const [, id] = /^image:(.+)$/.exec(integrity) ?? [];
  return id === undefined ? `${repository}@${integrity}` : `${LOCAL_PREFIX}${id}`;
}

/** Splits `host:5000/name:tag@sha256:…` into the name without tag and digest, and the tag. */
export function parseImage(image: string): { repository: string; version: string } {
  const [named = ''] = image.split('@');
  const [, repository = named, tag] = /^(.+?)(?::([\w][\w.-]*))?$/.exec(named) ?? [];
  return { repository, version: tag ?? (image.includes('@') ? 'pinned' : 'latest') };
}

/** Returns the `--platform` option of `run`, which `pull` needs as well. */
export function platformOf(options: string[]): string[] {
  const at = options.findIndex((option) => /^--platform(?:=|$)/.test(option));
  const option = options[at];
  if (option === undefined) return [];
  return option.includes('=') ? [option] : options.slice(at, at + 2);
}

function fileOf(engine: Engine): string {
  if ('file' in engine) return engine.file;
  const [client] = engine.unresponsive;
  throw new MainspringError(
    'PREREQUISITE_MISSING',
    client === undefined
      ? 'Neither Docker nor Podman is installed.'
      : `${client} is installed, but its engine is not responding.`,
  );
}

function engineVariables(env: InstallerIo['env']): Record<string, string> {
  return Object.fromEntries(
    ENGINE_VARIABLES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
