-- A database of schema version 4, as owrd 0.1.0 writes it. Never edited: every later owrd must open it.
BEGIN TRANSACTION;
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
INSERT INTO file VALUES(X'e903000000000000000000000000000000000000000000000000000000000000',0,X'ff80',1,64769,-1,37748736,1700000000123456789);
CREATE TABLE pending (
  infohash       BLOB PRIMARY KEY NOT NULL CHECK (length(infohash) = 32),
  magnet         TEXT NOT NULL,
  directory      TEXT NOT NULL,                                      -- empty: a place in the store
  says_seed      INTEGER NOT NULL CHECK (says_seed IN (0, 1)),       -- 0: seed as the configuration says
  ratio_permille INTEGER NOT NULL,
  seed_seconds   INTEGER NOT NULL,
  added          INTEGER NOT NULL
) STRICT;
INSERT INTO pending VALUES(X'0900000000000000000000000000000000000000000000000000000000000000','magnet:?xt=urn:btmh:12200900000000000000000000000000000000000000000000000000000000000000','/srv/new',1,2000,60,1700000003);
CREATE TABLE publisher (
  id      BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),  -- SHA-256 of the payload of root 1
  petname TEXT NOT NULL UNIQUE,
  pinned  INTEGER NOT NULL
) STRICT;
INSERT INTO publisher VALUES(X'0100000000000000000000000000000000000000000000000000000000000000','acme',1700000000);
CREATE TABLE publisher_root (
  publisher_id BLOB NOT NULL REFERENCES publisher (id) ON DELETE CASCADE,
  version      INTEGER NOT NULL CHECK (version >= 1),
  envelope     BLOB NOT NULL,
  PRIMARY KEY (publisher_id, version)
) STRICT;
INSERT INTO publisher_root VALUES(X'0100000000000000000000000000000000000000000000000000000000000000',1,X'726f6f742031');
INSERT INTO publisher_root VALUES(X'0100000000000000000000000000000000000000000000000000000000000000',2,X'726f6f742032');
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
  downloaded     INTEGER NOT NULL, reused INTEGER NOT NULL DEFAULT 0,
  UNIQUE (publisher_id, model, version)
) STRICT;
INSERT INTO "release" VALUES(X'e903000000000000000000000000000000000000000000000000000000000000',X'0100000000000000000000000000000000000000000000000000000000000000','atlas','1.1',X'70726f6f662031',X'd107000000000000000000000000000000000000000000000000000000000000','/srv/atlas','given','seed',1,1500,604800,1,1700000002,1700000002,3,4,5);
CREATE TABLE value (
  name  TEXT PRIMARY KEY NOT NULL,
  value BLOB NOT NULL
) STRICT;
INSERT INTO value VALUES('dht',X'6e6f646573');
CREATE TABLE IF NOT EXISTS "release_list" (
  release_id BLOB NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'tracker', 'reuse')),
  position   INTEGER NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (release_id, kind, position)
) STRICT;
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','include',0,'*.safetensors');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','include',1,'README.md');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','exclude',0,'*.bin');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','peer',0,'192.0.2.1:29170');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','peer',1,'[2001:db8::1]:29170');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','tracker',0,'udp://tracker.example.org:6969');
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','reuse',0,'/srv/old');
CREATE TABLE IF NOT EXISTS "pending_list" (
  infohash BLOB NOT NULL REFERENCES pending (infohash) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'reuse')),
  position INTEGER NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (infohash, kind, position)
) STRICT;
INSERT INTO pending_list VALUES(X'0900000000000000000000000000000000000000000000000000000000000000','include',0,'*.gguf');
INSERT INTO pending_list VALUES(X'0900000000000000000000000000000000000000000000000000000000000000','reuse',0,'/srv/old');
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
INSERT INTO feed VALUES(X'0100000000000000000000000000000000000000000000000000000000000000',X'68656164',X'66656564',X'',1700000010,'dht');
INSERT INTO listed (petname, model, version, license, summary, publisher_id, record) VALUES('acme','atlas','1.1','MIT','a small model','0100000000000000000000000000000000000000000000000000000000000000',1);
INSERT INTO evidence VALUES(X'0100000000000000000000000000000000000000000000000000000000000000','two heads of one sequence','what is wrong','dht',1700000011,2,X'01',X'02');
INSERT INTO mirror VALUES(X'0500000000000000000000000000000000000000000000000000000000000000','uni',1700000012);
INSERT INTO attestation VALUES(X'e903000000000000000000000000000000000000000000000000000000000000',X'0500000000000000000000000000000000000000000000000000000000000000',1700000013,1800000000,X'03');
-- The lists gain a kind, which their CHECK has to allow: rules of the audit that are let through.
CREATE TABLE new_release_list (
  release_id BLOB NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'tracker', 'reuse', 'allow')),
  position   INTEGER NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (release_id, kind, position)
) STRICT;
INSERT INTO new_release_list SELECT release_id, kind, position, value FROM release_list;
DROP TABLE release_list;
ALTER TABLE new_release_list RENAME TO release_list;

CREATE TABLE new_pending_list (
  infohash BLOB NOT NULL REFERENCES pending (infohash) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'reuse', 'allow')),
  position INTEGER NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (infohash, kind, position)
) STRICT;
INSERT INTO new_pending_list SELECT infohash, kind, position, value FROM pending_list;
DROP TABLE pending_list;
ALTER TABLE new_pending_list RENAME TO pending_list;

-- The terms that were accepted, each once, whatever is released under them.
CREATE TABLE accepted_license (
  digest     BLOB PRIMARY KEY NOT NULL CHECK (length(digest) = 32),
  ref        TEXT NOT NULL,                                          -- the release for which it was, as it was called
  release_id BLOB NOT NULL CHECK (length(release_id) = 32),
  license    TEXT NOT NULL,                                          -- SPDX expression
  accepted   INTEGER NOT NULL
) STRICT;

-- Feedback, benchmarks, audits and reproductions of others: the envelopes, byte for byte.
CREATE TABLE statement (
  id           BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),    -- SHA-256 of the payload
  publisher_id BLOB NOT NULL CHECK (length(publisher_id) = 32),
  release_id   BLOB NOT NULL CHECK (length(release_id) = 32),
  author_key   BLOB NOT NULL CHECK (length(author_key) = 32),        -- Ed25519
  is_own       INTEGER NOT NULL CHECK (is_own IN (0, 1)),            -- it was made here
  issued       INTEGER NOT NULL,
  received     INTEGER NOT NULL,
  envelope     BLOB NOT NULL
) STRICT;
CREATE INDEX statement_of_release ON statement (release_id, issued);
INSERT INTO release_list VALUES(X'e903000000000000000000000000000000000000000000000000000000000000','allow',0,'pickle');
INSERT INTO accepted_license VALUES(X'0600000000000000000000000000000000000000000000000000000000000000','acme/atlas:1.0.0',X'e903000000000000000000000000000000000000000000000000000000000000','LicenseRef-hf-llama3.1',1700000014);
INSERT INTO statement VALUES(X'0700000000000000000000000000000000000000000000000000000000000000',X'0100000000000000000000000000000000000000000000000000000000000000',X'e903000000000000000000000000000000000000000000000000000000000000',X'0500000000000000000000000000000000000000000000000000000000000000',0,1700000015,1700000016,X'04');
COMMIT;
PRAGMA application_id = 1331122756;
PRAGMA user_version = 4;
