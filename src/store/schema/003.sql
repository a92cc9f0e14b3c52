-- Letters are written when they leave, from a frozen edition; what changes with a letter's state is small.

-- Statistics of a small list lead to bad plans for a long one; without any, SQLite takes the indexes.
DROP TABLE IF EXISTS sqlite_stat1;
DROP TABLE IF EXISTS sqlite_stat4;

-- What letters are written from: the template files, the campaign and the sender as they were when letters were queued.
CREATE TABLE edition (
    id       INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    digest   TEXT NOT NULL,                -- SHA-256 of the content
    content  TEXT NOT NULL,                -- store::editions::Content
    created  INTEGER NOT NULL,
    UNIQUE (campaign, digest)
) STRICT;

ALTER TABLE campaign ADD COLUMN edition INTEGER REFERENCES edition (id); -- the one that new guests get
ALTER TABLE campaign ADD COLUMN paused_why TEXT NOT NULL DEFAULT '';     -- why it paused itself; empty where the organiser did
ALTER TABLE campaign ADD COLUMN done TEXT;                               -- store::campaigns::Done: the last `send` that left nobody out

ALTER TABLE letter RENAME TO former;
DROP INDEX letter_queue;
DROP INDEX letter_doubt;

CREATE TABLE letter (
    id         INTEGER PRIMARY KEY,
    invitation INTEGER NOT NULL REFERENCES invitation (id),
    campaign   INTEGER NOT NULL REFERENCES campaign (id),
    edition    INTEGER REFERENCES edition (id), -- none: queued before there were editions; its body is kept
    kind       TEXT NOT NULL,
    number     INTEGER NOT NULL,
    message_id TEXT NOT NULL UNIQUE,
    mail_from  TEXT NOT NULL,
    rcpt_to    TEXT NOT NULL,
    earlier    TEXT NOT NULL DEFAULT '',   -- Message-IDs of the guest's earlier letters, oldest first, parted by spaces
    created    INTEGER NOT NULL,           -- its Date
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
INSERT INTO letter (id, invitation, campaign, kind, number, message_id, mail_from, rcpt_to, created, state, due, attempts, first, at, why, receipt)
    SELECT f.id, f.invitation, i.campaign, f.kind, f.number, f.message_id, f.mail_from, f.rcpt_to, f.created,
           f.state, f.due, f.attempts, f.first, f.at, f.why, f.receipt
    FROM former f JOIN invitation i ON i.id = f.invitation ORDER BY f.id;
-- A campaign that is paused or closed costs nothing to pass over, however many letters it has.
CREATE INDEX letter_queue ON letter (campaign, due, id) WHERE state = 'queued';
CREATE INDEX letter_apart ON letter (state, due, id)
    WHERE state = 'sending' OR state = 'uncertain' OR state = 'failed' OR state = 'bounced';

-- The bytes of letters whose first attempt did not end in "sent": a retry has the same. The text is that of letters without
-- an edition.
CREATE TABLE body (
    letter INTEGER PRIMARY KEY REFERENCES letter (id),
    raw    BLOB NOT NULL,
    text   TEXT
) STRICT;
INSERT INTO body (letter, raw, text) SELECT id, raw, text FROM former ORDER BY id;

-- One letter of each edition (0: none), kind and language, and the subjects without tags, some of each campaign: what an answer
-- that could not be paired may quote.
CREATE TABLE sample (
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    edition  INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    lang     TEXT NOT NULL,
    letter   INTEGER NOT NULL REFERENCES letter (id),
    PRIMARY KEY (campaign, edition, kind, lang)
) STRICT, WITHOUT ROWID;
INSERT INTO sample (campaign, edition, kind, lang, letter)
    SELECT i.campaign, 0, f.kind, i.lang, min(f.id) FROM former f JOIN invitation i ON i.id = f.invitation GROUP BY 1, 3, 4;
CREATE TABLE subject (
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    subject  TEXT NOT NULL,
    PRIMARY KEY (campaign, subject)
) STRICT, WITHOUT ROWID;
INSERT INTO subject (campaign, subject)
    SELECT DISTINCT i.campaign, trim(replace(f.subject, '[#' || i.token || ']', ''))
    FROM former f JOIN invitation i ON i.id = f.invitation LIMIT 1000;

-- How many letters were claimed in each second (since 1970), less those that were not begun: for limits like 500/day.
CREATE TABLE departure (
    second  INTEGER PRIMARY KEY,
    letters INTEGER NOT NULL
) STRICT;
INSERT INTO departure (second, letters)
    SELECT at / 1000, count(*) FROM former WHERE state IN ('sending', 'uncertain', 'sent') GROUP BY 1;

DROP TABLE former;

-- Numbers that are kept in the transaction of the fact, so that nobody counts a million rows.
CREATE TABLE tally (
    campaign INTEGER NOT NULL,             -- 0: mails of no campaign
    what     TEXT NOT NULL,                -- 'standing', 'people', 'delivery', 'mail'
    word     TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (campaign, what, word)
) STRICT, WITHOUT ROWID;
INSERT INTO tally SELECT campaign, 'standing', standing, count(*) FROM invitation GROUP BY 1, 3;
INSERT INTO tally SELECT campaign, 'people', '', sum(people) FROM invitation GROUP BY 1;
INSERT INTO tally SELECT campaign, 'delivery', state, count(*) FROM letter GROUP BY 1, 3;
INSERT INTO tally SELECT coalesce(campaign, 0), 'mail', bucket, count(*) FROM mail GROUP BY 1, 3;

CREATE TRIGGER tally_invited AFTER INSERT ON invitation BEGIN
    INSERT INTO tally VALUES (NEW.campaign, 'standing', NEW.standing, 1) ON CONFLICT DO UPDATE SET count = count + 1;
    INSERT INTO tally VALUES (NEW.campaign, 'people', '', NEW.people) ON CONFLICT DO UPDATE SET count = count + NEW.people;
END;
CREATE TRIGGER tally_stands AFTER UPDATE OF standing, people ON invitation
WHEN OLD.standing <> NEW.standing OR OLD.people <> NEW.people BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = OLD.campaign AND what = 'standing' AND word = OLD.standing;
    INSERT INTO tally VALUES (NEW.campaign, 'standing', NEW.standing, 1) ON CONFLICT DO UPDATE SET count = count + 1;
    UPDATE tally SET count = count + NEW.people - OLD.people WHERE campaign = NEW.campaign AND what = 'people' AND word = '';
END;
CREATE TRIGGER tally_forgotten AFTER DELETE ON invitation BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = OLD.campaign AND what = 'standing' AND word = OLD.standing;
    UPDATE tally SET count = count - OLD.people WHERE campaign = OLD.campaign AND what = 'people' AND word = '';
END;
CREATE TRIGGER tally_queued AFTER INSERT ON letter BEGIN
    INSERT INTO tally VALUES (NEW.campaign, 'delivery', NEW.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_moves AFTER UPDATE OF state ON letter WHEN OLD.state <> NEW.state BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = OLD.campaign AND what = 'delivery' AND word = OLD.state;
    INSERT INTO tally VALUES (NEW.campaign, 'delivery', NEW.state, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_unqueued AFTER DELETE ON letter BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = OLD.campaign AND what = 'delivery' AND word = OLD.state;
END;
CREATE TRIGGER tally_received AFTER INSERT ON mail BEGIN
    INSERT INTO tally VALUES (coalesce(NEW.campaign, 0), 'mail', NEW.bucket, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_filed AFTER UPDATE OF bucket, campaign ON mail
WHEN OLD.bucket <> NEW.bucket OR OLD.campaign IS NOT NEW.campaign BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = coalesce(OLD.campaign, 0) AND what = 'mail' AND word = OLD.bucket;
    INSERT INTO tally VALUES (coalesce(NEW.campaign, 0), 'mail', NEW.bucket, 1) ON CONFLICT DO UPDATE SET count = count + 1;
END;
CREATE TRIGGER tally_erased AFTER DELETE ON mail BEGIN
    UPDATE tally SET count = count - 1 WHERE campaign = coalesce(OLD.campaign, 0) AND what = 'mail' AND word = OLD.bucket;
END;
