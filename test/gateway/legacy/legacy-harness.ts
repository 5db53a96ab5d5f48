import path from 'node:path';
import pino from 'pino';
import { type HostNotification } from '../../../src/client/host-sockets/host-connection';
import { type GatewayPolicy, limitsOf } from '../../../src/domain/endpoint/gateway-policy';
import { type ServerInterest } from '../../../src/domain/hosts/socket-frames';
import { createFront, type Front } from '../../../src/gateway/http/front';
import { createLegacyEra, type LegacyEra } from '../../../src/gateway/legacy/legacy-era';
import { type SessionTimes } from '../../../src/gateway/legacy/sessions';
import { Usage } from '../../../src/gateway/usage';
import { openStore } from '../../../src/store/open-store';
import { type Store } from '../../../src/store/store';
import { TinyEra } from '../http/tiny-era';
import { TinyCatalogues } from './tiny-catalogues';
import { TinyOperations } from './tiny-operations';
import { OPEN_POLICY } from '../open-policy';

export interface LegacyGateway {
  era: LegacyEra;
  front: Front;
  usage: Usage;
  store: Store;
  operations: TinyOperations;
  catalogues: TinyCatalogues;
  sockets: TinySockets;
  port: number;
  url: URL;
  /** The one that counts from now on. */
  setPolicy: (changed: Partial<GatewayPolicy>) => void;
  close(): Promise<void>;
}

export interface LegacyOptions {
  times?: SessionTimes;
  port?: number;
  sessions?: number;
}

/** The sockets of hosts, as far as this era uses them. */
export class TinySockets {
  interest: Record<string, ServerInterest> = {};
  readonly #listeners = new Set<(notice: HostNotification) => void>();

  onNotice(listener: (notice: HostNotification) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  setInterest(_consumer: string, servers: Record<string, ServerInterest>): void {
    this.interest = servers;
  }

  say(notice: HostNotification): void {
    for (const listener of this.#listeners) listener(notice);
  }
}

/** A gateway of this era alone, behind the real front and with the real store. */
export async function startGateway(
  home: string,
  { times, port = 0, sessions = 1_000 }: LegacyOptions = {},
): Promise<LegacyGateway> {
  const store = await openStore(home);
  const catalogues = new TinyCatalogues();
  const operations = new TinyOperations(path.join(home, 'calls'), catalogues);
  const sockets = new TinySockets();
  const limits = { ...OPEN_POLICY.limits, sessions };
  let policy: GatewayPolicy = { ...OPEN_POLICY, limits };
  const usage = new Usage((principal) => limitsOf(policy, principal));
  const era = createLegacyEra({
    ...{ operations, catalogues, sockets, usage, store: store.gatewaySessions },
    ...{ key: Buffer.alloc(32, 7), version: '1.2.3', ...(times && { times }) },
  });
  const front = createFront({
    ...{ eras: { legacy: era, modern: new TinyEra(false) }, host: '127.0.0.1', port },
    ...{ principal: 'local:test', logger: pino({ level: 'silent' }) },
    ...{ usage, policy: () => policy },
  });
  const address = await front.listen();
  return {
    ...{ era, front, usage, store, operations, catalogues, sockets, port: address.port },
    setPolicy(changed) {
      policy = { ...policy, ...changed };
      front.policyChanged();
      era.dismiss(front.knows);
    },
    url: new URL(`http://127.0.0.1:${address.port}/mcp`),
    async close() {
      era.close();
      await front.close(0);
      await store.close();
    },
  };
}
