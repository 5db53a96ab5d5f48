import { NativeConnection } from '@temporalio/worker';
import { unreachable } from './connection';
import { type TemporalSettings } from './settings';

const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects a worker and its clients. In a separate file because it loads a native library of 30 MB,
 * which only processes with a worker need.
 */
export async function connectNative(settings: TemporalSettings): Promise<NativeConnection> {
  const { namespace: _namespace, ...options } = settings;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${CONNECT_TIMEOUT_MS / 1_000} s`)),
      CONNECT_TIMEOUT_MS,
    );
  });
  const connecting = NativeConnection.connect(options);
  try {
    return await Promise.race([connecting, late]);
  } catch (error) {
    // A connection that succeeds after the timeout must not stay open.
    connecting.then((connection) => connection.close()).catch(() => undefined); // it never came up
    throw unreachable(settings.address, error);
  } finally {
    clearTimeout(timer);
  }
}
