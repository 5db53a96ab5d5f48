import { type IncomingMessage } from 'node:http';
import { type Scope } from '../exchange';
import { scopeText } from '../endpoint/scope-text';
import { type Identity } from './contract';
import { type Guard, type Presented, presentedBy, type Way } from './guard';
import { refusal, refusalOf } from './refusal';

/** One request or connection that was let in, until it leaves. */
export interface Visit {
  readonly identity: Identity;
  /** Fires when it would not be let in any more, or as somebody else; its reason is the Refusal that says so. */
  readonly dismissed: AbortSignal;
  leave(): void;
}

/** Everybody who is within, to be looked at again when the policy has changed. */
export class Visitors {
  readonly #within = new Set<{ presented: Presented; identity: Identity; end: AbortController }>();

  constructor(private readonly guard: Guard) {}

  /** @throws Refusal 401, 403 */
  enter(request: IncomingMessage, scope: Scope, way: Way): Visit {
    const presented = presentedBy(request, scope, way);
    const end = new AbortController();
    const visitor = { presented, identity: this.guard.identify(presented), end };
    this.#within.add(visitor);
    return {
      identity: visitor.identity,
      dismissed: end.signal,
      leave: () => void this.#within.delete(visitor),
    };
  }

  /** Sends away whom the policy does not let in any more. Others keep what they have, within their limits of now. */
  checkAgain(): void {
    for (const visitor of this.#within) {
      const { presented, identity, end } = visitor;
      try {
        this.guard.checkSource(presented);
        const now = this.guard.identify(presented);
        if (!isSame(now, identity)) throw changed(now);
        identity.limits = now.limits;
      } catch (error) {
        this.#within.delete(visitor);
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
