-- Version 2: what a release took from files that were on the disk already.

ALTER TABLE release ADD COLUMN reused INTEGER NOT NULL DEFAULT 0;  -- bytes

-- The lists gain a kind, which their CHECK has to allow: directories to look in for what is missing.
CREATE TABLE new_release_list (
  release_id BLOB NOT NULL REFERENCES release (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'tracker', 'reuse')),
  position   INTEGER NOT NULL,
  value      TEXT NOT NULL,
  PRIMARY KEY (release_id, kind, position)
) STRICT;
INSERT INTO new_release_list SELECT release_id, kind, position, value FROM release_list;
DROP TABLE release_list;
ALTER TABLE new_release_list RENAME TO release_list;

CREATE TABLE new_pending_list (
  infohash BLOB NOT NULL REFERENCES pending (infohash) ON DELETE CASCADE,
  kind     TEXT NOT NULL CHECK (kind IN ('include', 'exclude', 'peer', 'reuse')),
  position INTEGER NOT NULL,
  value    TEXT NOT NULL,
  PRIMARY KEY (infohash, kind, position)
) STRICT;
INSERT INTO new_pending_list SELECT infohash, kind, position, value FROM pending_list;
DROP TABLE pending_list;
ALTER TABLE new_pending_list RENAME TO pending_list;
