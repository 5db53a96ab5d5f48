import { MainspringError } from '../base/errors';
import {
  DEFAULT_GATEWAY_LIMITS,
  type GatewayKey,
  type GatewayLimits,
  type GatewayPolicy,
} from '../domain/endpoint/gateway-policy';
import { fillTexts } from './references/fill-texts';
import { type RecordedGateway, type WrittenKey } from './fields/gateway-field';
import { type Inventory } from './inventory';
import { REFERENCE, withAbsoluteFiles } from './references/references';
import { type Variables } from './references/variables';
import { sha256 } from '../base/sha256';

/** Minimum length of a client's key. */
const MIN_KEY_LENGTH = 16;

const DIGEST_PREFIX = 'sha256:';
/** Digest that no known text has. */
const UNMATCHED_DIGEST = '0'.repeat(64);

/**
 * Merges the gateway rules of all configs: all keys, origins and hosts, and the smallest value of each limit.
 *
 * @param onGone - called with the error of a key whose variable or file is missing; without it, the error is thrown.
 *   Such a key admits nobody, but does not open the gateway either
 * @throws MainspringError VARIABLE_UNSET, FILE_NOT_FOUND, INVALID_CONFIG for a key that is too short; no key is shown
 */
export async function resolveGatewayPolicy(
  { gateway = [] }: Pick<Inventory, 'gateway'>,
  variables: Readonly<Variables>,
  onMissing?: (error: MainspringError) => void,
): Promise<GatewayPolicy> {
  const resolve = (...[name, key, baseDir, values]: Parameters<typeof resolveKey>) =>
    resolveKey(name, key, baseDir, values).catch((error: unknown): GatewayKey => {
      if (!onMissing || !isMissing(error)) throw error;
      onMissing(error);
      return { name, sha256: UNMATCHED_DIGEST };
    });
  const keys = await Promise.all(
    gateway.flatMap(({ keys: written = {}, baseDir }) =>
      Object.entries(written).map(([name, key]) => resolve(name, key, baseDir, variables)),
    ),
  );
  return {
    keys,
    origins: gateway.flatMap(({ origins = [] }) => origins),
    hosts: gateway.flatMap(({ hosts = [] }) => hosts),
    limits: limitsOf(gateway),
  };
}

/** Files that contain keys, which may change without the inventory. */
export function keyFiles({ gateway = [] }: Pick<Inventory, 'gateway'>): string[] {
  return gateway.flatMap(({ keys = {}, baseDir }) =>
    Object.values(keys).flatMap((written) => {
      const text = withAbsoluteFiles(textOf(written), baseDir);
      return [...text.matchAll(REFERENCE)].flatMap(([, file]) => file ?? []);
    }),
  );
}

async function resolveKey(
  name: string,
  written: WrittenKey,
  baseDir: string,
  variables: Readonly<Variables>,
): Promise<GatewayKey> {
  const { profile, limits } = typeof written === 'string' ? {} : written;
  const sha256 = await digestOf(name, withAbsoluteFiles(textOf(written), baseDir), variables);
  return {
    name,
    sha256,
    ...(profile !== undefined && { profile }),
    ...(limits && { limits: definedOf(limits) }),
  };
}

async function digestOf(
  name: string,
  text: string,
  variables: Readonly<Variables>,
): Promise<string> {
  if (text.startsWith(DIGEST_PREFIX)) return text.slice(DIGEST_PREFIX.length).toLowerCase();
  const { texts } = await fillTexts(`The gateway key "${name}"`, { key: text }, variables);
  const key = texts.key.trim();
  if (key.length >= MIN_KEY_LENGTH) return sha256(key);
  throw new MainspringError(
    'INVALID_CONFIG',
    `The gateway key "${name}" has only ${key.length} characters, so it could be guessed.`,
    { fix: `Use at least ${MIN_KEY_LENGTH} characters, for example from: openssl rand -hex 32.` },
  );
}

function isMissing(error: unknown): error is MainspringError {
  return (
    error instanceof MainspringError &&
    (error.code === 'VARIABLE_UNSET' || error.code === 'FILE_NOT_FOUND')
  );
}

function textOf(written: WrittenKey): string {
  return typeof written === 'string' ? written : written.key;
}

function limitsOf(gateway: readonly RecordedGateway[]): GatewayLimits {
  const limits = { ...DEFAULT_GATEWAY_LIMITS };
  for (const name of Object.keys(limits).filter(isLimit)) {
    const set = gateway.flatMap((one) => one.limits?.[name] ?? []);
    if (set.length > 0) limits[name] = Math.min(...set);
  }
  return limits;
}

function isLimit(name: string): name is keyof GatewayLimits {
  return name in DEFAULT_GATEWAY_LIMITS;
}

function definedOf(limits: {
  [name in keyof GatewayLimits]?: number | undefined;
}): Partial<GatewayLimits> {
  return Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));
}
