/** Outcome of one attempt to deliver an alert. */
export type Attempt =
  | { delivered: true; how: string }
  /** `again`: another attempt may succeed, but not before `afterMs` if the receiver asked for that. */
  | { delivered: false; why: string; again: boolean; afterMs?: number };
