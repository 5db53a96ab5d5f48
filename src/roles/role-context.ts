import { type NativeConnection } from '@temporalio/worker';
import { type Logger } from 'pino';
import { type Settings } from '../config';
import { signingKey } from '../inventory/signature';
import { openStore } from '../store/open-store';
import { type Store } from '../store/store';
import { type TemporalSettings } from '../temporal/settings';
import { connectNative } from '../temporal/native-connection';

/** What the roles of one process share. */
export interface RoleContext {
  settings: Settings;
  temporal: TemporalSettings;
  connection: NativeConnection;
  store: Store;
  key: Buffer;
  logger: Logger;
}

/** A role that runs in this process. */
export interface RunningRole {
  /** What it is called for people: the ID of a host, the address of an endpoint. */
  name: string;
  /** Settles when the role has ended by itself, or cannot go on. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

/** Opens what the roles of this process share; returns it with a function that closes it. */
export async function openRoleContext(
  settings: Settings,
  temporal: TemporalSettings,
  logger: Logger,
): Promise<{ context: RoleContext; close: () => Promise<void> }> {
  const { home, sqliteSync } = settings;
  const [connection, store, key] = await Promise.all([
    connectNative(temporal),
    openStore(home, sqliteSync),
    signingKey(home),
  ]);
  const close = async () => {
    await store.close();
    await connection.close();
  };
  return { context: { settings, temporal, connection, store, key, logger }, close };
}
