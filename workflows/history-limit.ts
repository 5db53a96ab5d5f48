/** An entity continues as new at this history length even if Temporal does not suggest it yet. */
export const ENTITY_HISTORY_LIMIT = 2_000;
