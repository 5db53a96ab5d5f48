import { randomUUID } from 'node:crypto';
import { ActivityExecutionFailedError } from '@temporalio/client';
import { type ControlActivities } from '../domain/activity-types';
import { deliveryOptions } from '../domain/alerts/alert-delivery';
import {
  type Alert,
  alertFor,
  type AlertKind,
  alertKinds,
  type AlertReceiver,
  DEFAULT_ALERT_KINDS,
  testAlert,
} from '../domain/alerts/alerts';
import { MainspringError } from '../base/errors';
import { receiversIn, watchReceivers } from '../inventory/alert-receivers';
import { readInventory } from '../inventory/inventory';
import { contextBefore } from '../store/alert-context';
import { type ClientContext } from './context';
import { type Events } from './events';
import { translated } from './failures';
import { unknownReceiver } from '../domain/servers/unknown-name-errors';

/** Receiver without what may be secret. */
export interface ReceiverSummary extends Pick<AlertReceiver, 'name' | 'on' | 'servers' | 'origin'> {
  channel: AlertReceiver['channel']['kind'];
  /** The host of a webhook, or the command; empty for the log. */
  target: string;
}

export interface AlertFilter {
  /** Default `critical` and `recovery`. */
  kinds?: readonly AlertKind[];
  /** Names, names with `*` and `?`, and `tag:<tag>`; default all. */
  servers?: readonly string[];
}

/** Lists the receivers of a data directory, whether an instance runs on it or not. */
export async function listReceivers(home: string): Promise<ReceiverSummary[]> {
  const { receivers } = receiversIn(await readInventory(home), home);
  return receivers.map(summaryOf);
}

/** Receivers of alerts: they are notified when servers fail and recover. */
export class Alerts {
  readonly #closed = new AbortController();
  readonly #following = new Set<Promise<void>>();

  /** @internal */
  constructor(
    private readonly context: ClientContext,
    private readonly events: Events,
  ) {}

  async list(): Promise<ReceiverSummary[]> {
    return listReceivers(this.context.home);
  }

  /**
   * Sends a test alert, once; returns how it was received.
   *
   * @throws MainspringError UNKNOWN_RECEIVER, ALERT_FAILED
   */
  async test(receiver: string): Promise<string> {
    const { client, home, principal } = this.context;
    const names = (await listReceivers(home)).map(({ name }) => name);
    if (!names.includes(receiver)) throw unknownReceiver(receiver, names);
    const alert = testAlert(receiver, `test/${randomUUID()}`, principal, Date.now());
    try {
      return await client.activity
        .typed<ControlActivities>()
        .execute('deliverAlert', deliveryOptions({ receiver, alert }, { attempts: 1 }));
    } catch (error) {
      if (!(error instanceof ActivityExecutionFailedError)) throw translated(error, receiver);
      const why = error.cause?.message ?? error.message;
      throw new MainspringError(
        'ALERT_FAILED',
        `The alert was not delivered to "${receiver}": ${why}`,
        {
          cause: error,
        },
      );
    }
  }

  /**
   * Calls `listener` for every alert from now on, until the returned function is called; what it throws is not caught.
   *
   * @internal
   */
  on(listener: (alert: Alert) => void, filter: AlertFilter = {}): () => void {
    const stop = new AbortController();
    const signal = AbortSignal.any([stop.signal, this.#closed.signal]);
    const following = this.#follow(listener, filter, signal).finally(() =>
      this.#following.delete(following),
    );
    this.#following.add(following);
    return () => stop.abort();
  }

  /**
   * Resolves when nothing listens any more.
   *
   * @internal
   */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.allSettled(this.#following);
  }

  async #follow(
    listener: (alert: Alert) => void,
    { kinds: on = DEFAULT_ALERT_KINDS, servers = [] }: AlertFilter,
    signal: AbortSignal,
  ): Promise<void> {
    const { home, store } = this.context;
    const known = watchReceivers(home);
    for await (const event of this.events.follow({ limit: 0, signal })) {
      const kinds = alertKinds(event, await contextBefore(store.events, event));
      if (kinds.length === 0) continue;
      const { tagsOf } = await known();
      const alert = alertFor({ on, servers }, event, kinds, tagsOf(event.server));
      if (alert && !signal.aborted) listener(alert);
    }
  }
}

function summaryOf({ name, on, servers, channel, origin }: AlertReceiver): ReceiverSummary {
  return { name, on, servers, channel: channel.kind, target: targetOf(channel), origin };
}

/** Returns the target without the path of a webhook, which some use as a password. */
function targetOf(channel: AlertReceiver['channel']): string {
  if (channel.kind === 'log') return '';
  if (channel.kind === 'command') return channel.command;
  return URL.canParse(channel.url) ? new URL(channel.url).origin : channel.url;
}
