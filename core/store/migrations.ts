/** Every step from an empty file to the newest schema, in order; a step is never edited once released. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    final INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    view TEXT NOT NULL,
    request TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX one_running_swap ON jobs (kind) WHERE kind = 'swap' AND final = 0;
  CREATE INDEX jobs_by_time ON jobs (created_at);

  CREATE TABLE idempotency (
    key TEXT PRIMARY KEY,
    job TEXT NOT NULL,
    created_at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE durations (
    recipe TEXT NOT NULL,
    service TEXT NOT NULL,
    seconds REAL NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE host_keys (
    host TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    pinned_at TEXT NOT NULL
  ) STRICT;
  `,
]
