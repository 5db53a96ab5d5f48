import { type IncomingMessage } from 'node:http';
import { type Scope } from '../exchange';
import { scopeText } from '../endpoint/scope-text';
import { type Identity } from './contract';
import {
  type Guard,
  type PresentedCredentials,
  presentedCredentials,
  type RequestSource,
} from './guard';
import { type Refusal, refusal, refusalOf } from './refusal';

/** Request or connection that was admitted, until it ends. */
export interface Visit {
  readonly identity: Identity;
  /** Set once the policy no longer admits it, or admits it as another principal. */
  readonly dismissal: Refusal | undefined;
  /** Calls back when it is dismissed later. */
  onDismissed(listener: (why: Refusal) => void): void;
  leave(): void;
}

/** All admitted requests and connections, which are checked again when the policy changes. */
export class Visitors {
  readonly #visitors = new Set<Visitor>();

  constructor(private readonly guard: Guard) {}

  /** @throws Refusal 401, 403 */
  enter(request: IncomingMessage, scope: Scope, way: RequestSource): Visit {
    const presented = presentedCredentials(request, scope, way);
    const visitor = new Visitor(presented, this.guard.identify(presented), this.#visitors);
    this.#visitors.add(visitor);
    return visitor;
  }

  /**
   * Disconnects clients that the policy no longer admits. Others stay, with their current limits.
   */
  recheck(): void {
    for (const visitor of this.#visitors) {
      const { presented, identity } = visitor;
      try {
        this.guard.checkSource(presented);
        const now = this.guard.identify(presented);
        if (!isSame(now, identity)) throw changed(now);
        identity.limits = now.limits;
      } catch (error) {
        this.#visitors.delete(visitor);
        visitor.dismiss(refusalOf(error));
      }
    }
  }
}

/** Has no signal: each request has one of these, and creating a signal costs more than the rest of it. */
class Visitor implements Visit {
  dismissal: Refusal | undefined;
  #listener: ((why: Refusal) => void) | undefined;

  constructor(
    readonly presented: PresentedCredentials,
    readonly identity: Identity,
    private readonly all: Set<Visitor>,
  ) {}

  onDismissed(listener: (why: Refusal) => void): void {
    this.#listener = listener;
  }

  dismiss(why: Refusal): void {
    this.dismissal = why;
    this.#listener?.(why);
  }

  leave(): void {
    this.all.delete(this);
  }
}

function isSame(now: Identity, before: Identity): boolean {
  return now.principal === before.principal && scopeText(now.scope) === scopeText(before.scope);
}

function changed({ principal }: Identity) {
  const message = `This key now belongs to ${principal} or has different access: reconnect.`;
  return refusal(401, 'KEY_REQUIRED', message);
}
