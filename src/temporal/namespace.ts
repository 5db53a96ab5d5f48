import { setTimeout as delay } from 'node:timers/promises';
import { type ConnectionLike, isGrpcServiceError } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time';
import { MainspringError } from '../base/errors';
import { RETENTION_DAYS } from '../domain/limits';
import { INDEXED_VALUE_TYPES, SEARCH_ATTRIBUTES } from './search-attributes';

const RETENTION_S = RETENTION_DAYS * 24 * 3_600;
/**
 * Longest wait until a namespace and its search attributes are known in the whole cluster; a new
 * one takes up to 10 s.
 */
const PREPARE_TIMEOUT_MS = 30_000;
const POLL_MS = 250;
/**
 * Interval at which every service of the cluster reads namespaces again; a query only shows the
 * state of the frontend.
 */
const NAMESPACE_REFRESH_MS = 2_000;

/** gRPC status codes. */
const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const PERMISSION_DENIED = 7;
const RESOURCE_EXHAUSTED = 8;
const FAILED_PRECONDITION = 9;
const ABORTED = 10;
const UNIMPLEMENTED = 12;
const UNAVAILABLE = 14;

/** Another process does the same at the same time, or a cache is behind: a retry is enough. */
const TEMPORARY_CODES = new Set([
  NOT_FOUND,
  ALREADY_EXISTS,
  RESOURCE_EXHAUSTED,
  FAILED_PRECONDITION,
  ABORTED,
  UNAVAILABLE,
]);

/**
 * Ensures that the namespace exists, keeps finished calls for at least RETENTION_DAYS, and has our
 * search attributes ready for use. Changes only what is missing; several processes may do it at
 * once.
 */
export async function prepareNamespace(
  connection: ConnectionLike,
  namespace: string,
): Promise<void> {
  const deadline = Date.now() + PREPARE_TIMEOUT_MS;
  try {
    await connection.withDeadline(deadline, async () => {
      await untilSettled(deadline, TEMPORARY_CODES, () => ensureNamespace(connection, namespace));
      const added = await untilSettled(deadline, TEMPORARY_CODES, () =>
        addMissing(connection, namespace),
      );
      await untilSettled(deadline, new Set([...TEMPORARY_CODES, INVALID_ARGUMENT]), () =>
        queryAll(connection, namespace),
      );
      if (added) await delay(NAMESPACE_REFRESH_MS);
    });
  } catch (error) {
    throw refusal(namespace, error);
  }
}

async function ensureNamespace(
  { workflowService }: ConnectionLike,
  namespace: string,
): Promise<void> {
  const retention = msToTs(RETENTION_S * 1_000);
  try {
    const { config } = await workflowService.describeNamespace({ namespace });
    if (Number(config?.workflowExecutionRetentionTtl?.seconds ?? 0) >= RETENTION_S) return;
    await workflowService.updateNamespace({
      namespace,
      config: { workflowExecutionRetentionTtl: retention },
    });
  } catch (error) {
    if (codeOf(error) !== NOT_FOUND) throw error;
    await workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: retention,
    });
  }
}

/** Adds the missing search attributes; resolves with whether there were any. */
async function addMissing(
  { operatorService }: ConnectionLike,
  namespace: string,
): Promise<boolean> {
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing: Record<string, number> = {};
  for (const [name, type] of Object.entries(SEARCH_ATTRIBUTES)) {
    const found: number | undefined = customAttributes[name];
    if (found === undefined) missing[name] = INDEXED_VALUE_TYPES[type];
    else if (found !== INDEXED_VALUE_TYPES[type]) throw wrongType(namespace, name, type);
  }
  if (Object.keys(missing).length === 0) return false;
  await operatorService.addSearchAttributes({ namespace, searchAttributes: missing });
  return true;
}

/** Fails with INVALID_ARGUMENT while the frontend does not know all search attributes. */
async function queryAll({ workflowService }: ConnectionLike, namespace: string): Promise<void> {
  const query = Object.keys(SEARCH_ATTRIBUTES)
    .map((name) => `${name} IS NULL`)
    .join(' AND ');
  await workflowService.countWorkflowExecutions({ namespace, query });
}

async function untilSettled<Result>(
  deadline: number,
  passing: Set<number>,
  step: () => Promise<Result>,
): Promise<Result> {
  for (;;) {
    try {
      return await step();
    } catch (error) {
      if (!passing.has(codeOf(error) ?? -1) || Date.now() + POLL_MS > deadline) throw error;
      await delay(POLL_MS);
    }
  }
}

function codeOf(error: unknown): number | undefined {
  return isGrpcServiceError(error) ? error.code : undefined;
}

function wrongType(namespace: string, name: string, type: string): MainspringError {
  return new MainspringError(
    'TEMPORAL_FAILED',
    `the namespace ${namespace} has a search attribute ${name} that is not a ${type}`,
    {
      fix: `Remove it (temporal operator search-attribute remove --name ${name}) or use another namespace: TEMPORAL_NAMESPACE.`,
    },
  );
}

function refusal(namespace: string, error: unknown): unknown {
  if (!isGrpcServiceError(error)) return error;
  const forbidden = [PERMISSION_DENIED, UNIMPLEMENTED].includes(error.code);
  const attributes = Object.entries(SEARCH_ATTRIBUTES).map(([name, type]) => `${name}=${type}`);
  return new MainspringError(
    'TEMPORAL_FAILED',
    `cannot prepare the namespace ${namespace}: ${error.details || error.message}`,
    {
      fix: forbidden
        ? `Ask an administrator to set the retention to ${RETENTION_DAYS} days and to add the search attributes ${attributes.join(', ')}.`
        : 'Check the health of the Temporal cluster and try again.',
      cause: error,
    },
  );
}
