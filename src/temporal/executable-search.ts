export interface ExecutableSearch {
  cacheDir: string;
  env: NodeJS.ProcessEnv;
  onProgress: (line: string) => void;
  signal?: AbortSignal;
}
