/** Parts of an instance, in the order of their start. */
export const ROLES = ['temporal', 'worker', 'host', 'api'] as const;
export type Role = (typeof ROLES)[number];
