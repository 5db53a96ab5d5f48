import { sleep } from '@temporalio/workflow';
import { mcpInstall as install, mcpServer as server, mcpSession as session } from '../../workflows';

/** Our workflows with one step more, which no history has. */
export async function mcpServer(...args: Parameters<typeof server>): Promise<void> {
  const running = server(...args);
  await sleep('1 hour');
  await running;
}

export async function mcpSession(...args: Parameters<typeof session>) {
  await sleep('1 hour');
  return session(...args);
}

export async function mcpInstall(...args: Parameters<typeof install>) {
  await sleep('1 hour');
  return install(...args);
}
