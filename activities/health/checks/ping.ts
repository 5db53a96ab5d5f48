import { type Finding, type Limit, type Subject } from './subject';

export async function checkPing({ serving }: Subject, { timeoutMs }: Limit): Finding {
  await serving.connection.ping(timeoutMs);
  return undefined;
}
