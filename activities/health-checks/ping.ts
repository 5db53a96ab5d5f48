import { type Finding, type Limit, type Subject } from './subject';

/** Ours ends first, and with the same words for every check. */
const MARGIN_MS = 1_000;

export async function checkPing({ serving }: Subject, { timeoutMs }: Limit): Finding {
  await serving.connection.ping(timeoutMs + MARGIN_MS);
  return undefined;
}
