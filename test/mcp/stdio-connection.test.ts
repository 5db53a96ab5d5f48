import { setTimeout as delay } from 'node:timers/promises';
import { createTestHost, stdioSpec, type TestHost } from './harness';

describe('a stdio server', () => {
  let host: TestHost;
  beforeEach(() => (host = createTestHost()));
  afterEach(() => host.close());

  test('is connected, lists its tools with unknown members, and answers calls', async () => {
    const connection = await host.open(stdioSpec());
    expect(connection).toMatchObject({
      serverInfo: { name: 'tiny', version: '1' },
      era: 'legacy',
      protocolVersion: '2025-11-25',
      instructions: 'Be gentle.',
    });
    const tools = await connection.listTools();
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({
      annotations: { readOnlyHint: true },
      vendorMember: { kept: true },
    });
    const result = await connection.callTool('echo', { text: 'hé' }, { timeoutMs: 5_000 });
    expect(result).toEqual({ content: [{ type: 'text', text: 'hé' }] });
    await connection.close(1_000);
    expect(await connection.closed).toMatchObject({ code: 'CONNECTION_LOST' });
    expect(connection.exitStatus).toEqual({ code: 0, signal: null });
    expect(host.groups.size).toBe(0);
    await delay(0);
  });
});
