/** Who says it: a message of an older owner than the newest known one is dropped. */
export interface Owner {
  generation: number;
  /** Attempt of `runServer`: goes up when Temporal hands the session to another host. */
  epoch: number;
  host: string;
  hostPid: number;
  /** 0 is left out. */
  replica?: number;
}
