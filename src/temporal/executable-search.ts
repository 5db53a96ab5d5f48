/** Callbacks for a group of processes: as soon as it exists, and when it has ended. */
interface BackgroundHooks {
  onSpawn: (pgid: number) => void;
  onGone: (pgid: number) => void;
}

export interface ExecutableSearch {
  /** Cache folder that instances share. */
  cacheDir: string;
  /** The executable that MAINSPRING_TEMPORAL_BIN names, if any. */
  temporalBin?: string | undefined;
  /** A mirror of the official archive. */
  temporalArchiveUrl?: string | undefined;
  /** Where `temporal` and Go are found, and what Go is told. */
  env: NodeJS.ProcessEnv;
  /** One line about what is going on, also every 10 s during a build. */
  onProgress: (line: string) => void;
  /** Set for a build that nobody waits for: it leaves the processor to others, and its owner is told of its processes. */
  background?: BackgroundHooks;
  /** Ends a download or build, and leaves no half file behind. */
  signal?: AbortSignal;
}
