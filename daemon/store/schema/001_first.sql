-- Version 1 of owrd's database. Once released, a step is never edited: what changes is the next step.
--
-- Times are Unix seconds. Numbers that are unsigned 64-bit in the program (sizes, counters, device and inode) are stored
-- as SQLite's signed ones with the same 64 bits. STRICT tables refuse a value of another type.

-- The publishers whose signatures this store believes.
CREATE TABLE publisher (
  id      BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),  -- SHA-256 of the payload of root 1
  petname TEXT NOT NULL UNIQUE,
  pinned  INTEGER NOT NULL
) STRICT;

-- Each publisher's roots: the envelopes, byte for byte.
CREATE TABLE publisher_root (
  publisher_id BLOB NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
  version      INTEGER NOT NULL CHECK (version >= 1),
  envelope     BLOB NOT NULL,
  PRIMARY KEY (publisher_id, version)
) STRICT;

-- One row a release. A version is written once: the same name never stands for other content.
CREATE TABLE release (
  id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),  -- SHA-256 of the manifest's payload
  publisher_id   BLOB NOT NULL REFERENCES publisher (id) ON DELETE RESTRICT,
  model          TEXT NOT NULL,
  version        TEXT NOT NULL,
  proof          BLOB NOT NULL,                                      -- release.owrd, byte for byte
  infohash       BLOB NOT NULL UNIQUE CHECK (length(infohash) = 32),
  directory      TEXT NOT NULL,                                      -- any bytes but NUL, as the file system has them
  ownership      TEXT NOT NULL CHECK (ownership IN ('store', 'given')),
  intent         TEXT NOT NULL CHECK (intent IN ('get', 'seed', 'keep', 'paused')),
  seed_after     INTEGER NOT NULL CHECK (seed_after IN (0, 1)),
  ratio_permille INTEGER NOT NULL,                                   -- seed until then; 0 is no limit
  seed_seconds   INTEGER NOT NULL,                                   -- likewise
  super_seeding  INTEGER NOT NULL CHECK (super_seeding IN (0, 1)),
  added          INTEGER NOT NULL,
  completed      INTEGER NOT NULL,                                   -- 0 while it is not
  uploaded       INTEGER NOT NULL,
  downloaded     INTEGER NOT NULL,
  UNIQUE (publisher_id, model, version)
) STRICT;

-- What was given with a release: globs of files to take or to leave, peers, trackers; each list in its order.
CREATE TABLE release_list (
  release_id BLOB NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'tracker')),
  position   INTEGER NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (release_id, kind, position)
) STRICT;

-- What is known of a release's files, by their index in the torrent.
CREATE TABLE file (
  release_id  BLOB NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  file_index  INTEGER NOT NULL CHECK (file_index >= 0),
  have        BLOB NOT NULL,                                         -- one bit a piece, first piece highest
  verified    INTEGER NOT NULL CHECK (verified IN (0, 1)),
  device      INTEGER NOT NULL,                                      -- the file that was verified, as stat(2) tells
  inode       INTEGER NOT NULL,
  size        INTEGER NOT NULL,
  modified_ns INTEGER NOT NULL,
  PRIMARY KEY (release_id, file_index)
) STRICT;

-- Transfers of which only the infohash is known.
CREATE TABLE pending (
  infohash       BLOB PRIMARY KEY NOT NULL CHECK (length(infohash) = 32),
  magnet         TEXT NOT NULL,
  directory      TEXT NOT NULL,                                      -- empty: a place in the store
  says_seed      INTEGER NOT NULL CHECK (says_seed IN (0, 1)),       -- 0: seed as the configuration says
  ratio_permille INTEGER NOT NULL,
  seed_seconds   INTEGER NOT NULL,
  added          INTEGER NOT NULL
) STRICT;

-- As release_list, for what is pending.
CREATE TABLE pending_list (
  infohash BLOB NOT NULL REFERENCES pending (infohash) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer')),
  position INTEGER NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (infohash, kind, position)
) STRICT;

-- Small values of the daemon's own.
CREATE TABLE value (
  name  TEXT PRIMARY KEY NOT NULL,
  value BLOB NOT NULL
) STRICT;
