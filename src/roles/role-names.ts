/** Parts of an instance, in the order of their start. */
export const ROLES = ['temporal', 'worker', 'host', 'api'] as const;
export type Role = (typeof ROLES)[number];

/** Roles that are our own code. */
export const OWN_ROLES = ['worker', 'host', 'api'] as const;
export type OwnRole = (typeof OWN_ROLES)[number];

/** The endpoint stops first, then hosts, while Temporal and a worker can still take back what they hand over. */
export const STOP_ORDER: readonly OwnRole[] = ['api', 'host', 'worker'];
