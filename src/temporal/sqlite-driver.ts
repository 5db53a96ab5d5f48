/**
 * How our server contains SQLite: in C, or in Go for machines without a C compiler, where a call costs Temporal more CPU
 * time. Both read and write the same files. The better one comes first.
 */
export const SQLITE_DRIVERS = ['c', 'go'] as const;
export type SqliteDriver = (typeof SQLITE_DRIVERS)[number];

/** Flags of `go` that choose it, for builds and tests of temporal-config/dev-server. */
export const DRIVER_FLAGS: Record<SqliteDriver, readonly string[]> = {
  c: ['-modfile=cgo.mod', '-tags=sqlite_fts5'],
  go: [],
};

/** Flags of `go build` that leave out what nobody debugs. */
export const BUILD_FLAGS: readonly string[] = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w'];
