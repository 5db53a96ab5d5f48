import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { startOwned } from '../../../src/mcp/session/owned-process';
import { createTestHost, type TestHost } from '../harness';

describe('an owned process', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost()));
  afterEach(() => host.close());

  const start = (script: string, over = {}) =>
    startOwned(
      { command: 'sh', args: ['-c', script], env: {}, cwd: host.folder },
      { hostId: 'test-host', server: 'tiny', log: host.log, ...over },
    );

  test('has its whole grace for the program behind a wrapper that ends at once', async () => {
    const server = `trap 'sleep 0.4; touch ended; exit' TERM; echo ready; while :; do sleep 0.02; done`;
    const owned = await start(`trap 'exit 0' TERM; (${server}) & wait`);
    await new Promise((resolve) => owned.group.stdout.once('data', resolve));
    await owned.stop(10_000);
    expect(existsSync(join(host.folder, 'ended'))).toBe(true);
  });

  test('takes the rest of its group along when it exits by itself', async () => {
    const onGone = jest.fn();
    const owned = await start('sleep 600 & exit 5', { onGone });
    const why = await owned.gone;
    expect(why).toMatchObject({ code: 'SERVER_EXITED', message: '"tiny" exited with code 5' });
    expect(onGone).toHaveBeenCalledWith(owned.group.pid);
    await owned.kill();
    await owned.stop(1_000);
    expect(onGone).toHaveBeenCalledTimes(1);
  });
});
