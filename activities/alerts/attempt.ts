/** How an attempt to tell a receiver ended. */
export type Attempt =
  | { delivered: true; how: string }
  /** `again`: another attempt may do better, not before `afterMs` if the receiver has asked for that. */
  | { delivered: false; why: string; again: boolean; afterMs?: number };
