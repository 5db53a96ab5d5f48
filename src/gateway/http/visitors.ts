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
import { refusal, refusalOf } from './refusal';

/** Request or connection that was admitted, until it ends. */
export interface Visit {
  readonly identity: Identity;
  /**
   * Fires when the policy no longer admits it, or admits it as another principal; the reason is a
   * Refusal.
   */
  readonly dismissed: AbortSignal;
  leave(): void;
}

/** All admitted requests and connections, which are checked again when the policy changes. */
export class Visitors {
  readonly #visitors = new Set<{
    presented: PresentedCredentials;
    identity: Identity;
    end: AbortController;
  }>();

  constructor(private readonly guard: Guard) {}

  /** @throws Refusal 401, 403 */
  enter(request: IncomingMessage, scope: Scope, way: RequestSource): Visit {
    const presented = presentedCredentials(request, scope, way);
    const end = new AbortController();
    const visitor = { presented, identity: this.guard.identify(presented), end };
    this.#visitors.add(visitor);
    return {
      identity: visitor.identity,
      dismissed: end.signal,
      leave: () => void this.#visitors.delete(visitor),
    };
  }

  /**
   * Disconnects clients that the policy no longer admits. Others stay, with their current limits.
   */
  recheck(): void {
    for (const visitor of this.#visitors) {
      const { presented, identity, end } = visitor;
      try {
        this.guard.checkSource(presented);
        const now = this.guard.identify(presented);
        if (!isSame(now, identity)) throw changed(now);
        identity.limits = now.limits;
      } catch (error) {
        this.#visitors.delete(visitor);
        end.abort(refusalOf(error));
      }
    }
  }
}

function isSame(now: Identity, before: Identity): boolean {
  return now.principal === before.principal && scopeText(now.scope) === scopeText(before.scope);
}

function changed({ principal }: Identity) {
  const message = `This key now belongs to ${principal} or has different access: reconnect.`;
  return refusal(401, 'KEY_REQUIRED', message);
}
