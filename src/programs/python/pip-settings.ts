import { existsSync } from 'node:fs';
import { type InstallerIo } from '../installer';
import { outputOf, type Python } from './python-tools';

/** The user's pip settings, for uv. */
export interface PipSettings {
  env: Record<string, string>;
  flags: string[];
}

/** Variables of uv for settings of pip. Variables keep URLs with passwords out of the log. */
const VARIABLES: { pip: string; uv: string; older?: string; separator: string }[] = [
  { pip: 'index-url', uv: 'UV_DEFAULT_INDEX', older: 'UV_INDEX_URL', separator: ' ' },
  { pip: 'extra-index-url', uv: 'UV_INDEX', older: 'UV_EXTRA_INDEX_URL', separator: ' ' },
  { pip: 'find-links', uv: 'UV_FIND_LINKS', separator: ',' },
  { pip: 'trusted-host', uv: 'UV_INSECURE_HOST', separator: ' ' },
  { pip: 'cert', uv: 'SSL_CERT_FILE', separator: ' ' },
];

/** Line of `pip config list`; values are Python string literals. */
const LINE = /^(\w+)\.([\w-]+)=['"](.*)['"]$/;

/** Converts the pip settings of the user; variables of uv itself take precedence. */
export async function pipSettings(
  python: Python | undefined,
  { env }: Pick<InstallerIo, 'env'>,
): Promise<PipSettings> {
  const list = python?.pip
    ? await outputOf(python.executable, ['-m', 'pip', 'config', 'list'], env)
    : undefined;
  const settings = readPipSettings(list ?? '', env);
  const variables: Record<string, string> = {};
  for (const { pip, uv, older, separator } of VARIABLES) {
    const values = settings.get(pip)?.filter((value) => pip !== 'find-links' || isUsable(value));
    if (!values?.length || env[uv] || (older && env[older])) continue;
    variables[uv] = values.join(separator);
  }
  return { env: variables, flags: settings.has('no-index') ? ['--no-index'] : [] };
}

/** Excludes folders that do not exist: pip ignores them, but uv fails. */
function isUsable(location: string): boolean {
  return location.includes('://') || existsSync(location);
}

/** Parses lines of `pip config list` such as `global.index-url='https://…'`; variables override them. */
export function readPipSettings(
  list: string,
  env: Readonly<Record<string, string | undefined>>,
): Map<string, string[]> {
  const settings = new Map<string, string[]>();
  const put = (name: string, text: string) => {
    const values = text.split(/\s+/).filter(Boolean);
    const isOff = name === 'no-index' && /^(?:0|false|no|off)$/i.test(text.trim());
    if (values.length > 0 && !isOff) settings.set(name, values);
    else settings.delete(name);
  };
  for (const section of ['global', 'install']) {
    for (const line of list.split('\n')) {
      const [, inSection, name, value] = LINE.exec(line) ?? [];
      if (inSection === section && name && value !== undefined)
        put(name, value.replaceAll('\\n', ' '));
    }
  }
  for (const [name, value] of Object.entries(env)) {
    if (/^PIP_[A-Z_]+$/.test(name) && value) {
      put(name.slice('PIP_'.length).toLowerCase().replaceAll('_', '-'), value);
    }
  }
  return settings;
}
