-- Version 4: files that are handed over although the audit refuses them, terms that were accepted, and what others say
-- of releases.

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
