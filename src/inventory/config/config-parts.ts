import { type z } from 'zod';
import { MainspringError } from '../../base/errors';
import { alertsField, type WrittenReceiver } from '../fields/alerts-field';
import { isObject } from '../dialects/dialect';
import { gatewayField, type WrittenGateway } from '../fields/gateway-field';
import { type LocatedJson } from './located-json';
import { checkDocument, type Problem } from './problems';
import { profilesField, type WrittenProfile } from '../fields/profile-field';
import { lineAt, locatedProblem } from './located-problem';

/** Parts of our own format besides the servers. */
export interface ConfigParts {
  alerts: WrittenReceiver[];
  profiles: Record<string, WrittenProfile>;
  gateway?: WrittenGateway;
}

/** An invalid part, or all parts of a kind. */
export interface WrongPart {
  line: number;
  text: string;
  part: { kind: 'alerts' | 'profiles'; name?: string };
}

/** Whether the previous version of a part is kept, because the current one is invalid. */
export function keepsPrevious(
  leftOut: readonly { part?: WrongPart['part'] }[],
  kind: WrongPart['part']['kind'],
  name: string,
): boolean {
  return leftOut.some(
    ({ part }) => part?.kind === kind && (part.name === undefined || part.name === name),
  );
}

function wrongPart(
  kind: WrongPart['part']['kind'],
  located: LocatedJson,
  problem: Problem,
  name: unknown,
): WrongPart {
  const part = { kind, ...(typeof name === 'string' && { name }) };
  return { ...locatedProblem(located, problem), part };
}

/**
 * Reads our own parts of a document, each receiver and profile separately. `alerts`, `profiles` or `gateway` of another
 * program are not checked.
 *
 * @throws MainspringError INVALID_CONFIG when any rule of the gateway is invalid: part of the rules could admit anyone
 */
export function partsOf(
  file: string,
  located: LocatedJson,
  hasTable: boolean,
): { parts: ConfigParts; wrong: WrongPart[] } {
  const document = located.value;
  const isOurs = isObject(document) && (!hasTable || 'mcpServers' in document);
  const { alerts, profiles, gateway } = isOurs ? document : {};
  const receivers = readAlerts(alerts);
  const views = readProfiles(profiles);
  const policy = readGateway(gateway);
  if (policy.problems.length > 0) {
    const lines = policy.problems.map((problem) => `${file}:${lineAt(located, problem)}`);
    throw new MainspringError('INVALID_CONFIG', lines.join('\n'));
  }
  return {
    parts: {
      alerts: receivers.value,
      profiles: views.value,
      ...(policy.value && { gateway: policy.value }),
    },
    wrong: [
      ...receivers.problems.map((problem): WrongPart => {
        const [, index] = problem.path;
        const receiver: unknown = Array.isArray(alerts) ? alerts[Number(index)] : undefined;
        const name = isObject(receiver) ? receiver['name'] : undefined;
        return wrongPart('alerts', located, problem, name);
      }),
      ...views.problems.map((problem) => wrongPart('profiles', located, problem, problem.path[1])),
    ],
  };
}

function readAlerts(alerts: unknown): { value: WrittenReceiver[]; problems: Problem[] } {
  if (alerts === undefined) return { value: [], problems: [] };
  const all = readPart('alerts', alerts, alertsField);
  if (all.value || !Array.isArray(alerts))
    return { value: all.value ?? [], problems: all.problems };
  const invalid = new Set(all.problems.map(({ path: [, index] }) => index));
  const rest = alerts.filter((_one, index) => !invalid.has(index));
  return { value: readPart('alerts', rest, alertsField).value ?? [], problems: all.problems };
}

function readProfiles(profiles: unknown): {
  value: Record<string, WrittenProfile>;
  problems: Problem[];
} {
  if (profiles === undefined) return { value: {}, problems: [] };
  const all = readPart('profiles', profiles, profilesField);
  if (all.value || !isObject(profiles)) return { value: all.value ?? {}, problems: all.problems };
  const invalid = new Set(all.problems.map(({ path: [, name] }) => name));
  const rest = Object.entries(profiles).filter(([name]) => !invalid.has(name));
  const value = readPart('profiles', Object.fromEntries(rest), profilesField).value ?? {};
  return { value, problems: all.problems };
}

const GATEWAY_MEMBERS = Object.keys(gatewayField.shape);

function readGateway(gateway: unknown): { value?: WrittenGateway; problems: Problem[] } {
  const isForeign =
    isObject(gateway) && !GATEWAY_MEMBERS.some((member) => Object.hasOwn(gateway, member));
  if (gateway === undefined || (isForeign && Object.keys(gateway).length > 0))
    return { problems: [] };
  return readPart('gateway', gateway, gatewayField);
}

function readPart<Value>(
  member: string,
  part: unknown,
  schema: z.ZodType<Value>,
): { value?: Value; problems: Problem[] } {
  const checked = checkDocument(schema, part);
  if ('value' in checked) return { value: checked.value, problems: [] };
  const below = (problem: Problem) => ({ ...problem, path: [member, ...problem.path] });
  return { problems: checked.problems.map(below) };
}
