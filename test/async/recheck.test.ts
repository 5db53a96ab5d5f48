import { recheck } from '../../src/async/recheck';

const pauses = { firstMs: 500, thenMs: 2_000 };

describe('checking again and again', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('waits before the first check and between checks, also after one that fails', async () => {
    const check = jest.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue(undefined);
    const stop = recheck(pauses, check);
    await jest.advanceTimersByTimeAsync(499);
    expect(check).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(1);
    expect(check).toHaveBeenCalledTimes(1);
    await jest.advanceTimersByTimeAsync(2_000);
    expect(check).toHaveBeenCalledTimes(2);
    stop();
  });

  it('makes one check at a time', async () => {
    let end: () => void = () => undefined;
    const check = jest.fn(() => new Promise<void>((resolve) => (end = resolve)));
    const stop = recheck(pauses, check);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(check).toHaveBeenCalledTimes(1);
    end();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(check).toHaveBeenCalledTimes(2);
    stop();
  });

  it('makes none after it was stopped, even if one was under way', async () => {
    let end: () => void = () => undefined;
    const check = jest.fn(() => new Promise<void>((resolve) => (end = resolve)));
    const stop = recheck(pauses, check);
    await jest.advanceTimersByTimeAsync(500);
    stop();
    end();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(check).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
  });
});
