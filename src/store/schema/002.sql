-- Folders that are files of this machine. The messages of a Maildir have no numbers of their own: each gets one when its
-- name is first seen, and from there on it is like a UID. Names that left the folder are forgotten.
CREATE TABLE file (
    folder TEXT NOT NULL,
    name   TEXT NOT NULL,                  -- up to the colon, so that a flag does not change it
    number INTEGER NOT NULL,
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;

-- Where the next message of an mbox begins, as net::mbox::Place writes it.
ALTER TABLE cursor ADD COLUMN place TEXT;
