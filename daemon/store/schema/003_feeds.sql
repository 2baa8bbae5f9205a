-- Version 3: what publishers say of their releases (heads and feeds), what contradicts them, and mirrors.

-- When each root was first seen, and where: 'bundle', 'dht', 'peer', a URL.
ALTER TABLE publisher_root ADD COLUMN seen INTEGER NOT NULL DEFAULT 0;
ALTER TABLE publisher_root ADD COLUMN source TEXT NOT NULL DEFAULT 'bundle';

-- The newest head that was believed, with what it pins, byte for byte.
CREATE TABLE feed (
  publisher_id BLOB PRIMARY KEY NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
  head         BLOB NOT NULL,
  feed         BLOB NOT NULL,
  attestations BLOB NOT NULL,                                        -- empty: none
  accepted     INTEGER NOT NULL,
  source       TEXT NOT NULL
) STRICT;

-- The releases that the feeds list, for searching.
CREATE VIRTUAL TABLE listed USING fts5 (
  petname, model, version, license, summary,
  publisher_id UNINDEXED,                                            -- in hexadecimal digits
  record UNINDEXED,
  prefix = '2 3'
);

-- Two signed objects of which only one can be true.
CREATE TABLE evidence (
  publisher_id BLOB NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
  kind         TEXT NOT NULL,
  detail       TEXT NOT NULL,
  source       TEXT NOT NULL,
  found        INTEGER NOT NULL,
  root_version INTEGER NOT NULL,                                     -- the newest that was known then
  first        BLOB NOT NULL,
  second       BLOB NOT NULL,
  UNIQUE (publisher_id, first, second)
) STRICT;

-- The mirrors whose attestations count here.
CREATE TABLE mirror (
  key    BLOB PRIMARY KEY NOT NULL CHECK (length(key) = 32),         -- Ed25519
  name   TEXT NOT NULL UNIQUE,
  pinned INTEGER NOT NULL
) STRICT;

-- The newest attestation of each mirror, pinned or not, of each release: the envelope, byte for byte.
CREATE TABLE attestation (
  release_id BLOB NOT NULL CHECK (length(release_id) = 32),
  mirror_key BLOB NOT NULL CHECK (length(mirror_key) = 32),
  verified   INTEGER NOT NULL,
  expires    INTEGER NOT NULL,
  envelope   BLOB NOT NULL,
  PRIMARY KEY (release_id, mirror_key)
) STRICT;
