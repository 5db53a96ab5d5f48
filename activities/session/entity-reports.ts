import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { type SessionFinding } from '../../src/domain/isolation/isolation';
import {
  type SessionBackoff,
  type SessionExited,
  type SessionHealth,
  type SessionMoved,
  type SessionReady,
} from '../../src/domain/entity/session';

/** The signals of an entity, by their wire names (workflows/messages.ts). */
interface Reports {
  sessionReady: SessionReady;
  sessionBackoff: SessionBackoff;
  sessionMoved: SessionMoved;
  sessionHealth: SessionHealth;
  sessionExited: SessionExited;
  sessionFinding: SessionFinding;
}

const RETRY_MS = 500;

/** Sends reports to an entity, in order, however long Temporal is unavailable. */
export class EntityReports {
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(
    private readonly client: Client,
    private readonly entityId: string,
  ) {}

  send<Name extends keyof Reports>(name: Name, report: Reports[Name]): void {
    this.#last = this.#last.then(() => this.#deliver(name, report));
  }

  /** Resolves when everything that was sent has arrived; nothing is retried after `graceMs`. */
  async close(graceMs: number): Promise<void> {
    const timer = setTimeout(() => (this.#closed = true), graceMs);
    await this.#last;
    clearTimeout(timer);
  }

  async #deliver(name: keyof Reports, report: Reports[keyof Reports]): Promise<void> {
    const entity = this.client.workflow.getHandle(this.entityId);
    for (;;) {
      try {
        return await entity.signal(name, report);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError || this.#closed) return;
        await sleep(RETRY_MS);
      }
    }
  }
}
