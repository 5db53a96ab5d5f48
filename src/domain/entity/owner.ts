/** Sender of a message: messages of an older owner than the newest known one are dropped. */
export interface Owner {
  generation: number;
  /** Attempt of `runServer`: increases when Temporal hands the session to another host. */
  epoch: number;
  host: string;
  hostPid: number;
  /** Absent for 0. */
  replica?: number;
}
