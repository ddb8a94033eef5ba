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
  `
  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    ended_at INTEGER,
    type TEXT NOT NULL,
    subject TEXT,
    host TEXT,
    service TEXT,
    job TEXT,
    was TEXT,
    state TEXT,
    cause TEXT,
    remedy TEXT,
    text TEXT
  ) STRICT;
  CREATE INDEX events_by_time ON events (at);
  CREATE INDEX events_by_host ON events (host, at) WHERE host IS NOT NULL;
  CREATE INDEX events_by_service ON events (service, at) WHERE service IS NOT NULL;
  CREATE INDEX states_by_subject ON events (subject, at) WHERE state IS NOT NULL;
  CREATE UNIQUE INDEX one_state_at_a_time ON events (subject) WHERE state IS NOT NULL AND ended_at IS NULL;

  CREATE TABLE watched (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    subject TEXT NOT NULL,
    metric TEXT NOT NULL,
    UNIQUE (subject, metric)
  ) STRICT;
  CREATE TABLE minutes (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    total REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (series, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE hours (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    total REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (series, at)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE days (
    series INTEGER NOT NULL,
    at INTEGER NOT NULL,
    total REAL NOT NULL,
    low REAL NOT NULL,
    high REAL NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (series, at)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE recipe_trust (
    hash TEXT PRIMARY KEY,
    accepted INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE recipe_files (
    folder TEXT NOT NULL,
    path TEXT NOT NULL,
    mark TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (folder, path)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE launches (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    recipe TEXT NOT NULL,
    service TEXT NOT NULL,
    host TEXT NOT NULL,
    weights_bytes REAL,
    overhead_bytes REAL,
    kv_bytes_per_token REAL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX launches_by_recipe ON launches (recipe, service, id);
  `,
  `
  CREATE TABLE loads (
    service TEXT PRIMARY KEY,
    view TEXT NOT NULL
  ) STRICT;

  CREATE TABLE fence (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    number INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE launch_ends (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    launch TEXT NOT NULL UNIQUE,
    service TEXT NOT NULL,
    recipe TEXT NOT NULL,
    hash TEXT NOT NULL,
    ok INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX launch_ends_by_recipe ON launch_ends (recipe, service, id);

  CREATE TABLE phase_durations (
    recipe TEXT NOT NULL,
    service TEXT NOT NULL,
    phase TEXT NOT NULL,
    seconds REAL NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX phase_durations_by_recipe ON phase_durations (recipe, service, phase, at);
  `,
  `
  CREATE TABLE swap_lock (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    holder TEXT NOT NULL,
    reason TEXT NOT NULL,
    token_hash BLOB NOT NULL,
    ttl_s INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    run TEXT NOT NULL,
    ends REAL NOT NULL
  ) STRICT;

  CREATE TABLE schedules (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    plan TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE webhook_messages (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    payload TEXT NOT NULL
  ) STRICT;
  CREATE INDEX webhook_messages_by_time ON webhook_messages (at);

  CREATE TABLE webhook_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message INTEGER NOT NULL REFERENCES webhook_messages (sequence) ON DELETE CASCADE,
    url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'dead')),
    tries INTEGER NOT NULL DEFAULT 0,
    due INTEGER NOT NULL,
    tried_at INTEGER,
    attempts TEXT NOT NULL DEFAULT '[]',
    UNIQUE (message, url)
  ) STRICT;
  CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (url) WHERE state = 'pending';
  CREATE INDEX webhook_deliveries_by_attempt ON webhook_deliveries (url, tried_at) WHERE tried_at IS NOT NULL;

  CREATE TABLE webhook_targets_off (
    url TEXT PRIMARY KEY,
    declared TEXT NOT NULL
  ) STRICT;

  CREATE TABLE told_states (
    subject TEXT PRIMARY KEY,
    works INTEGER NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE storage_probe (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    filler BLOB NOT NULL
  ) STRICT;
  `,
]
