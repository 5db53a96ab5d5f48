import { OpenCall } from '../../../src/mcp/calls/open-call';

describe('work between two messages of a call', () => {
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);

  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
  });

  it('ends with the call, whether it is cancelled before or during it', async () => {
    for (const isBefore of [true, false]) {
      const cancel = new AbortController();
      const call = new OpenCall({ timeoutMs: 1_000, signal: cancel.signal }, never());
      if (isBefore) cancel.abort();
      const waiting = call.uninterrupted(new Promise<never>(() => undefined));
      cancel.abort();
      await expect(waiting).rejects.toMatchObject({ kind: 'cancelled' });
    }
  });

  it('leaves no failure unhandled when the call was over before', async () => {
    const call = new OpenCall({ timeoutMs: 1_000 }, never());
    call.end();
    const work = Promise.reject(new Error('too late'));
    await expect(call.uninterrupted(work)).rejects.toMatchObject({ kind: 'lost' });
    await new Promise(setImmediate);
    expect(unhandled).toEqual([]);
  });
});

const never = () => new AbortController().signal;
