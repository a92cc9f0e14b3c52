-- Times are milliseconds since 1970 (UTC). Texts that are JSON are written and read by serde in one place each.

CREATE TABLE campaign (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,              -- model::Campaign, as of the last send
    file       TEXT NOT NULL DEFAULT '',   -- where the campaign file was, absolute
    paused     INTEGER NOT NULL DEFAULT 0,
    created    INTEGER NOT NULL
) STRICT;

CREATE TABLE invitation (
    id           INTEGER PRIMARY KEY,
    campaign     INTEGER NOT NULL REFERENCES campaign (id),
    token        TEXT NOT NULL UNIQUE,
    listed       TEXT NOT NULL,            -- the address in the list that it came from
    name_key     TEXT NOT NULL,            -- tells guests of one address apart
    email        TEXT NOT NULL,            -- where letters go now
    name         TEXT NOT NULL,
    lang         TEXT NOT NULL,            -- the language its letters are written in
    guest        TEXT NOT NULL,            -- model::Guest
    created      INTEGER NOT NULL,
    -- folded from the facts, in the transaction of the fact (Standing::of)
    standing     TEXT NOT NULL DEFAULT 'silent',
    answer       TEXT NOT NULL DEFAULT 'none',
    party        INTEGER,
    people       INTEGER NOT NULL DEFAULT 0,
    question     INTEGER NOT NULL DEFAULT 0,
    unsubscribe  INTEGER NOT NULL DEFAULT 0,
    delegate     TEXT,                     -- model::Delegate
    note         TEXT NOT NULL DEFAULT '',
    evidence     TEXT NOT NULL DEFAULT '[]',
    sure         INTEGER NOT NULL DEFAULT 1,
    since        INTEGER NOT NULL,
    UNIQUE (campaign, listed, name_key)
) STRICT;
CREATE INDEX invitation_email ON invitation (email);
CREATE INDEX invitation_standing ON invitation (campaign, standing);

CREATE TABLE letter (
    id         INTEGER PRIMARY KEY,
    invitation INTEGER NOT NULL REFERENCES invitation (id),
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    subject    TEXT NOT NULL,
    mail_from  TEXT NOT NULL,
    rcpt_to    TEXT NOT NULL,
    raw        BLOB NOT NULL,
    text       TEXT NOT NULL,              -- what the guest reads: subtracted from answers that quote it
    created    INTEGER NOT NULL,
    -- model::Delivery
    state      TEXT NOT NULL,
    due        INTEGER NOT NULL,
    attempts   INTEGER NOT NULL DEFAULT 0,
    first      INTEGER,
    at         INTEGER NOT NULL,
    why        TEXT NOT NULL DEFAULT '',
    receipt    TEXT NOT NULL DEFAULT '',
    UNIQUE (invitation, kind, number)
) STRICT;
CREATE INDEX letter_queue ON letter (due, id) WHERE state = 'queued';
CREATE INDEX letter_doubt ON letter (state) WHERE state IN ('sending', 'uncertain');

CREATE TABLE mail (
    id         INTEGER PRIMARY KEY,
    identity   TEXT NOT NULL UNIQUE,       -- Message-ID and a digest of the body: one mail counts once, in whatever folder
    folder     TEXT NOT NULL,
    uid        INTEGER NOT NULL,
    arrived    INTEGER NOT NULL,           -- IMAP INTERNALDATE
    received   INTEGER NOT NULL,           -- when we read it
    bucket     TEXT NOT NULL CHECK (bucket IN ('recorded', 'needs_look', 'automatic', 'bounces', 'not_ours')),
    campaign   INTEGER REFERENCES campaign (id),
    invitation INTEGER REFERENCES invitation (id),
    sender     TEXT NOT NULL DEFAULT '',
    subject    TEXT NOT NULL DEFAULT '',
    said       TEXT NOT NULL DEFAULT '',
    verdict    TEXT,                       -- model::Verdict
    doubts     TEXT NOT NULL DEFAULT '[]',
    closed     INTEGER NOT NULL DEFAULT 0, -- 1: the organiser has looked at it
    raw        BLOB                        -- kept for mails that are ours, up to a bound
) STRICT;
CREATE INDEX mail_bucket ON mail (bucket, campaign);
CREATE INDEX mail_invitation ON mail (invitation);

-- The journal: it only grows.
CREATE TABLE fact (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    invitation INTEGER NOT NULL REFERENCES invitation (id),
    at         INTEGER NOT NULL,
    body       TEXT NOT NULL               -- model::Fact
) STRICT;
CREATE INDEX fact_invitation ON fact (invitation, id);
CREATE TRIGGER fact_stays BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER fact_remains BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;

CREATE TABLE cursor (
    folder      TEXT PRIMARY KEY,
    uidvalidity INTEGER NOT NULL,
    next_uid    INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    opening     INTEGER                    -- the UID that was being opened: found again at start, it is set aside unopened
) STRICT;

CREATE TABLE note (
    key   TEXT PRIMARY KEY,                -- 'relay', 'mailbox': what the daemon wants known
    value TEXT NOT NULL
) STRICT;
