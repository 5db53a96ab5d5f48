import { type ControlActivities, type GrantActivities } from '../../src/domain/activity-types';
import { ApplicationFailure } from '@temporalio/activity';
import { type ProgramPin } from '../../src/domain/programs/programs';
import { pinnedSpec } from '../domain/samples';
import { type ServerEvent } from '../../src/domain/events';
import { type SignedSpec } from '../../src/domain/trust/signed-spec';

/** Stands for the store and the inventory. */
export class FakeControl {
  /** As often as they were written, in order. */
  readonly written: ServerEvent[] = [];
  readonly endedCalls: { name: string; reason: string; beforeMs: number }[] = [];
  readonly #inventory = new Map<string, SignedSpec>();
  readonly #failures = new Map<string, number>();
  readonly #pins = new Map<string, ProgramPin>();
  readonly #reloadFailures: string[] = [];
  readonly #renewals = new Map<string, GrantActivities['renewGrant']>();
  readonly recorded: { name: string; pin: ProgramPin | undefined }[] = [];
  readonly reloaded: string[] = [];

  /** What the inventory has of a server from now on. */
  put(server: string, signed: SignedSpec): void {
    this.#inventory.set(server, signed);
  }

  forget(server: string): void {
    this.#inventory.delete(server);
  }

  /** The next reload of any server that an upgrade asks for fails. */
  failReload(why: string): void {
    this.#reloadFailures.push(why);
  }

  /** What becomes of a server's grant when it is to be renewed. */
  onRenew(server: string, renew: GrantActivities['renewGrant']): void {
    this.#renewals.set(server, renew);
  }

  /** The next writes of a server's events fail. */
  failWrites(server: string, times: number): void {
    this.#failures.set(server, times);
  }

  eventsOf(server: string): ServerEvent[] {
    return this.written.filter((event) => event.server === server);
  }

  readonly activities: ControlActivities & GrantActivities = {
    renewGrant: async (input) => {
      const renew = this.#renewals.get(input.server);
      return renew ? renew(input) : null;
    },
    recordEvents: async (events) => {
      const server = events[0]?.server ?? '';
      const left = this.#failures.get(server) ?? 0;
      if (left > 0) {
        this.#failures.set(server, left - 1);
        throw new Error('the disk is full');
      }
      this.written.push(...events);
    },
    deliverAlert: async () => 'told',
    loadSpec: async ({ name }) => this.#inventory.get(name) ?? null,
    endQueuedCalls: async (input) => {
      this.endedCalls.push(input);
      return 0;
    },
    recordInstall: async ({ name, pin }) => {
      this.recorded.push({ name, pin });
      const previous = this.#pins.get(name);
      if (pin) this.#pins.set(name, pin);
      const signed = this.#inventory.get(name);
      if (!signed) return { previous };
      const pinned = pin ? pinnedSpec(signed, pin) : signed;
      this.#inventory.set(name, pinned);
      return { signed: pinned, previous };
    },
    pinSpec: async ({ signed, pin }) => pinnedSpec(signed, pin),
    lockText: async () => null,
    reloadServer: async ({ name }) => {
      this.reloaded.push(name);
      const why = this.#reloadFailures.shift();
      if (why) throw ApplicationFailure.nonRetryable(why, 'SERVER_EXITED');
    },
  };
}
