-- A database of schema 007 with a small campaign in it, frozen: what it holds must stay readable for ever.
PRAGMA foreign_keys = OFF;
BEGIN TRANSACTION;
CREATE TABLE body (
    letter INTEGER PRIMARY KEY REFERENCES letter (id),
    raw    BLOB NOT NULL,
    text   TEXT
) STRICT;
INSERT INTO "body" VALUES(1,X'46726F6D3A20224D756E6963697069756C204C756E6361204D61726522203C776F726B73686F70407072696D617269612E6578616D706C653E0D0A546F3A2022416E6120496F6E6573637522203C616E612E696F6E65736375407072696D617269612D6C756E63612E6578616D706C653E0D0A5375626A6563743A203D3F7574662D383F623F5357353261585268794A74705A546F3D3F3D20576F726B73686F70206F6E6C696E652045436F432D534D450D0A205B2333716470646379356E6676785D0D0A446174','INVITAȚIE

Stimată doamnă Ionescu,

Municipiul Lunca Mare, în calitate de partener în cadrul proiectului
„PX00000 ECoC-S');
INSERT INTO "body" VALUES(3,X'46726F6D3A20224D756E6963697069756C204C756E6361204D61726522203C776F726B73686F70407072696D617269612E6578616D706C653E0D0A546F3A2022456C656E61205374616E22203C656C656E612E7374616E40696E63756261746F722E6578616D706C653E0D0A5375626A6563743A203D3F7574662D383F623F5357353261585268794A74705A546F3D3F3D20576F726B73686F70206F6E6C696E652045436F432D534D450D0A205B236177716B74716134736470625D0D0A446174653A204D6F6E2C','INVITAȚIE

Stimată doamnă Stan,

Municipiul Lunca Mare, în calitate de partener în cadrul proiectului
„PX00000 ECoC-SME:');
INSERT INTO "body" VALUES(16,X'46726F6D3A20224D756E6963697069756C204C756E6361204D61726522203C776F726B73686F70407072696D617269612E6578616D706C653E0D0A546F3A202244616E69656C2041726368657222203C6F6C642E6164647265737340666573746976616C2D617263686976652E6578616D706C653E0D0A5375626A6563743A20496E7669746174696F6E3A2045436F432D534D45206F6E6C696E6520776F726B73686F70205B236A6632626D7A3363626D36385D0D0A446174653A204D6F6E2C203330204E6F7620','INVITATION

Dear Mr Archer,

The Municipality of Lunca Mare, as a partner in the project “PX00000
ECoC-SME: Actions for ');
CREATE TABLE campaign (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,              -- model::Campaign, as of the last send
    file       TEXT NOT NULL DEFAULT '',   -- where the campaign file was, absolute
    paused     INTEGER NOT NULL DEFAULT 0,
    created    INTEGER NOT NULL
, edition INTEGER REFERENCES edition (id), paused_why TEXT NOT NULL DEFAULT '', done TEXT) STRICT;
INSERT INTO "campaign" VALUES(1,'workshop','{"name":"workshop","language":"ro","deadline":"2026-12-04","calendar":"with-invitation","event":{"title":{"en":"ECoC-SME online workshop","fi":"ECoC-SME-verkkotyöpaja","hr":"Online radionica ECoC-SME","it":"Workshop online ECoC-SME","lt":"ECoC-SME nuotolinis seminaras","nl":"Online workshop ECoC-SME","ro":"Workshop online ECoC-SME"},"start":"2026-12-10T13:15:00+02:00[Europe/Bucharest]","end":"2026-12-10T15:30:00+02:00[Europe/Bucharest]","place":"Zoom","link":"https://zoom.example/j/000000000"}}','/srv/workshop/workshop.toml',0,1796037300031,1,'',NULL);
CREATE TABLE cursor (
    folder      TEXT PRIMARY KEY,
    uidvalidity INTEGER NOT NULL,
    next_uid    INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    opening     INTEGER                    -- the UID that was being opened: found again at start, it is set aside unopened
, place TEXT) STRICT;
INSERT INTO "cursor" VALUES('INBOX',1,18,1796037300547,NULL,NULL);
CREATE TABLE departure (
    second  INTEGER PRIMARY KEY,
    letters INTEGER NOT NULL
) STRICT;
INSERT INTO "departure" VALUES(1796037300,3);
CREATE TABLE edition (
    id       INTEGER PRIMARY KEY,
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    digest   TEXT NOT NULL,                -- SHA-256 of the content
    content  TEXT NOT NULL,                -- store::editions::Content
    created  INTEGER NOT NULL,
    UNIQUE (campaign, digest)
) STRICT;
INSERT INTO "edition" VALUES(1,1,'4f5f3fd6b8150a6378f2621df5fa2b9a74d2025e056ae93f4b3eb54027767752','{"files":{"invitation.nl.md":"---\nsubject: {{event.title}}\n---\nBeste {{guest.name}},\n\nwij nodigen u uit voor {{event.title}}.\n\n{{reply_buttons}}\n","invitation.ro.md":"---\nsubject: {{event.title}}\n---\nBună ziua, {{guest.name}},\n\nvă invităm la {{event.title}}.\n\n{{reply_buttons}}\n"},"campaign":{"name":"workshop","language":"ro","deadline":null,"calendar":"with-invitation","event":{"title":{"en":"ECoC-SME online workshop","fi":"ECoC-SME-verkkotyöpaja","hr":"Online radionica ECoC-SME","it":"Workshop online ECoC-SME","lt":"ECoC-SME nuotolinis seminaras","nl":"Online workshop ECoC-SME","ro":"Workshop online ECoC-SME"},"start":"2026-12-10T13:15:00+02:00[Europe/Bucharest]","end":"2026-12-10T15:30:00+02:00[Europe/Bucharest]","place":"Zoom","link":"https://zoom.example/j/000000000"}},"sender":{"name":"Primăria Lunca","from":"workshop@primaria-lunca.example","reply_to":"workshop@primaria-lunca.example","bounce_to":"workshop@primaria-lunca.example","plus_addressing":false}}',1796037300031);
CREATE TABLE fact (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    invitation INTEGER NOT NULL REFERENCES invitation (id),
    at         INTEGER NOT NULL,
    body       TEXT NOT NULL               -- model::Fact
) STRICT;
INSERT INTO "fact" VALUES(1,1,1796037300031,'{"fact":"invited","email":"ana.ionescu@primaria-lunca.example"}');
INSERT INTO "fact" VALUES(3,3,1796037300031,'{"fact":"invited","email":"elena.stan@incubator.example"}');
INSERT INTO "fact" VALUES(5,5,1796037300031,'{"fact":"invited","email":"femke.bakker@ondernemers.example"}');
INSERT INTO "fact" VALUES(16,16,1796037300031,'{"fact":"invited","email":"old.address@festival-archive.example"}');
INSERT INTO "fact" VALUES(17,1,1796037300134,'{"fact":"letter","kind":"invitation","number":1,"state":"sent","why":"2.0.0 taken as 1"}');
INSERT INTO "fact" VALUES(19,3,1796037300147,'{"fact":"letter","kind":"invitation","number":1,"state":"sent","why":"2.0.0 taken as 3"}');
INSERT INTO "fact" VALUES(21,5,1796037300162,'{"fact":"letter","kind":"invitation","number":1,"state":"sent","why":"2.0.0 taken as 5"}');
INSERT INTO "fact" VALUES(32,16,1796037300264,'{"fact":"letter","kind":"invitation","number":1,"state":"sent","why":"2.0.0 taken as 16"}');
INSERT INTO "fact" VALUES(33,1,1796037300150,'{"fact":"answered","mail":1,"answer":"accept","party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Confirm participarea mea la workshop"],"at":"2026-11-30T11:15:00Z","uid":1,"calendar":null}');
INSERT INTO "fact" VALUES(35,3,1796037300547,'{"fact":"looked","mail":3,"why":["only a hint of an answer"],"guess":{"mail":3,"answer":"tentative","party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Să vedem, depinde de mai multe"],"at":"2026-11-30T11:15:02Z","uid":3,"calendar":null}}');
INSERT INTO "fact" VALUES(37,5,1796037300547,'{"fact":"answered","mail":5,"answer":"decline","party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Helaas kan ik niet deelnemen"],"at":"2026-11-30T11:15:04Z","uid":5,"calendar":null}');
INSERT INTO "fact" VALUES(38,5,1796037300547,'{"fact":"answered","mail":6,"answer":"accept","party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["ik neem graag deel"],"at":"2026-11-30T11:15:05Z","uid":6,"calendar":null}');
INSERT INTO "fact" VALUES(48,16,1796037300547,'{"fact":"letter","kind":"invitation","number":1,"state":"bounced","why":"it came back"}');
INSERT INTO "fact" VALUES(49,16,1796037300547,'{"fact":"bounced","mail":17,"invalid":true,"why":"5.1.1 550 5.1.1 The email account that you tried to reach does not exist"}');
INSERT INTO "fact" VALUES(50,3,1796037400000,'{"fact":"reread","mail":3,"said":{"fact":"looked","mail":3,"why":["only a hint of an answer"],"guess":null}}');
CREATE TABLE file (
    folder TEXT NOT NULL,
    name   TEXT NOT NULL,                  -- up to the colon, so that a flag does not change it
    number INTEGER NOT NULL,
    PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
INSERT INTO "file" VALUES('maildir:/srv/mail','1796037300.M1.host',1);
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
    since        INTEGER NOT NULL, unwilling INTEGER, mailbox TEXT GENERATED ALWAYS AS (
    CASE WHEN substr(email, instr(email, '@')) IN ('@gmail.com', '@googlemail.com')
        THEN replace(substr(email, 1, iif(instr(email, '+') > 1, instr(email, '+'), instr(email, '@')) - 1), '.', '') || '@gmail.com'
        ELSE substr(email, 1, iif(instr(email, '+') > 1, instr(email, '+'), instr(email, '@')) - 1) || substr(email, instr(email, '@'))
    END) VIRTUAL,
    UNIQUE (campaign, listed, name_key)
) STRICT;
INSERT INTO "invitation" VALUES(1,1,'3qdpdcy5nfvx','ana.ionescu@primaria-lunca.example','ana ionescu','ana.ionescu@primaria-lunca.example','Ana Ionescu','ro','{"email":"ana.ionescu@primaria-lunca.example","name":"Ana Ionescu","lang":"ro","organisation":"Primăria Lunca","zone":"Europe/Bucharest","fields":{"salutation":"Stimată doamnă Ionescu"},"row":2}',1796037300031,'accept','accept',NULL,1,0,0,NULL,'','["Confirm participarea mea la workshop"]',1,1796037300150,NULL);
INSERT INTO "invitation" VALUES(3,1,'awqktqa4sdpb','elena.stan@incubator.example','elena stan','elena.stan@incubator.example','Elena Stan','ro','{"email":"elena.stan@incubator.example","name":"Elena Stan","lang":"ro","organisation":"Incubatorul de Afaceri Lunca","zone":"Europe/Bucharest","fields":{"salutation":"Stimată doamnă Stan"},"row":4}',1796037300031,'needs_look','none',NULL,0,0,0,NULL,'only a hint of an answer','["Să vedem, depinde de mai multe"]',0,1796037300547,NULL);
INSERT INTO "invitation" VALUES(5,1,'y0rtsk96nnmp','femke.bakker@ondernemers.example','femke bakker','femke.bakker@ondernemers.example','Femke Bakker','nl','{"email":"femke.bakker@ondernemers.example","name":"Femke Bakker","lang":"nl","organisation":"Ondernemersvereniging Waterstad","zone":"Europe/Amsterdam","fields":{"salutation":"Geachte mevrouw Bakker"},"row":6}',1796037300031,'accept','accept',NULL,1,0,0,NULL,'','["ik neem graag deel"]',1,1796037300547,NULL);
INSERT INTO "invitation" VALUES(16,1,'jf2bmz3cbm68','old.address@festival-archive.example','daniel archer','old.address@festival-archive.example','Daniel Archer','en','{"email":"old.address@festival-archive.example","name":"Daniel Archer","lang":"en","organisation":"Festival Archive","zone":"Europe/Brussels","fields":{"salutation":"Dear Mr Archer"},"row":17}',1796037300031,'unreachable','none',NULL,0,0,0,NULL,'5.1.1 550 5.1.1 The email account that you tried to reach does not exist','[]',1,1796037300547,NULL);
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
INSERT INTO "letter" VALUES(1,1,1,NULL,'invitation',1,'<invitation.3qdpdcy5nfvx.1@primaria.example>','workshop@primaria.example','ana.ionescu@primaria-lunca.example','',1796037300031,'sent',1796037300134,0,NULL,1796037300134,'','2.0.0 taken as 1');
INSERT INTO "letter" VALUES(3,3,1,NULL,'invitation',1,'<invitation.awqktqa4sdpb.1@primaria.example>','workshop@primaria.example','elena.stan@incubator.example','',1796037300031,'sent',1796037300147,0,NULL,1796037300147,'','2.0.0 taken as 3');
INSERT INTO "letter" VALUES(5,5,1,1,'invitation',1,'<invitation.y0rtsk96nnmp.1@primaria.example>','workshop@primaria.example','femke.bakker@ondernemers.example','',1796037300031,'sent',1796037300162,0,NULL,1796037300162,'','2.0.0 taken as 5');
INSERT INTO "letter" VALUES(16,16,1,NULL,'invitation',1,'<invitation.jf2bmz3cbm68.1@primaria.example>','workshop@primaria.example','old.address@festival-archive.example','',1796037300031,'bounced',1796037300547,0,NULL,1796037300547,'5.1.1 550 5.1.1 The email account that you tried to reach does not exist','');
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
INSERT INTO "mail" VALUES(1,'<1796037300.ana.ionescu@primaria-lunca.example> 7a8fc95028355519cde999e778a305df','INBOX',1,1796037300000,1796037300150,'recorded',1,1,'ana.ionescu@primaria-lunca.example','Re: Invitație: Workshop online ECoC-SME [#3qdpdcy5nfvx]','Bună ziua,

Confirm participarea mea la workshop.

Cu stimă,
Ana Ionescu','{"answer":"accept","sure":true,"confidence":0.98,"party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Confirm participarea mea la workshop"],"doubts":[]}','[]',0,X'52657475726E2D506174683A203C616E612E696F6E65736375407072696D617269612D6C756E63612E6578616D706C653E0D0A44656C6976657265642D546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A46726F6D3A2022416E6120496F6E6573637522203C616E612E696F6E65736375407072696D617269612D6C756E63612E6578616D706C653E0D0A546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A446174653A204D6F6E2C203330204E6F762032');
INSERT INTO "mail" VALUES(3,'<1796037302.elena.stan@incubator.example> cc26219a04bee58d681035e97a0ffb10','INBOX',3,1796037302000,1796037300547,'needs_look',1,3,'elena.stan@incubator.example','Re: Invitație: Workshop online ECoC-SME [#awqktqa4sdpb]','Să vedem, depinde de mai multe.','{"answer":"tentative","sure":false,"confidence":0.4,"party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Să vedem, depinde de mai multe"],"doubts":["only a hint of an answer"]}','["only a hint of an answer"]',0,X'52657475726E2D506174683A203C656C656E612E7374616E40696E63756261746F722E6578616D706C653E0D0A44656C6976657265642D546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A46726F6D3A2022456C656E61205374616E22203C656C656E612E7374616E40696E63756261746F722E6578616D706C653E0D0A546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A446174653A204D6F6E2C203330204E6F7620323032362031313A31353A303220');
INSERT INTO "mail" VALUES(5,'<1796037304.femke.bakker@ondernemers.example> 0267e3013d6ff8cf3af4347b0fc9a217','INBOX',5,1796037304000,1796037300547,'recorded',1,5,'femke.bakker@ondernemers.example','Re: Uitnodiging: Online workshop ECoC-SME [#y0rtsk96nnmp]','Goedendag,

Helaas kan ik niet deelnemen.

Met vriendelijke groet,
Femke Bakker','{"answer":"decline","sure":true,"confidence":0.98,"party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["Helaas kan ik niet deelnemen"],"doubts":[]}','[]',0,X'52657475726E2D506174683A203C66656D6B652E62616B6B6572406F6E6465726E656D6572732E6578616D706C653E0D0A44656C6976657265642D546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A46726F6D3A202246656D6B652042616B6B657222203C66656D6B652E62616B6B6572406F6E6465726E656D6572732E6578616D706C653E0D0A546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A446174653A204D6F6E2C203330204E6F762032303236');
INSERT INTO "mail" VALUES(6,'<1796037305.femke.bakker@ondernemers.example> be30639800d8f34c357bb0c32c78932c','INBOX',6,1796037305000,1796037300547,'recorded',1,5,'femke.bakker@ondernemers.example','Re: Uitnodiging: Online workshop ECoC-SME [#y0rtsk96nnmp]','Goedendag,

Mijn agenda is veranderd: ik neem graag deel.

Met vriendelijke groet,
Femke Bakker','{"answer":"accept","sure":true,"confidence":0.98,"party":null,"question":false,"unsubscribe":false,"delegate":null,"evidence":["ik neem graag deel"],"doubts":[]}','[]',0,X'52657475726E2D506174683A203C66656D6B652E62616B6B6572406F6E6465726E656D6572732E6578616D706C653E0D0A44656C6976657265642D546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A46726F6D3A202246656D6B652042616B6B657222203C66656D6B652E62616B6B6572406F6E6465726E656D6572732E6578616D706C653E0D0A546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A446174653A204D6F6E2C203330204E6F762032303236');
INSERT INTO "mail" VALUES(16,'<1796037315@lottery.example> 532fbe7ce32b99bcc1764960532a71bc','INBOX',16,1796037315000,1796037300547,'not_ours',NULL,NULL,'','','',NULL,'[]',0,NULL);
INSERT INTO "mail" VALUES(17,'<1796037316.dsn@mx.festival-archive.example> 715f3aa5a948f73074e0355178475f99','INBOX',17,1796037316000,1796037300547,'bounces',1,16,'mailer-daemon@mx.festival-archive.example','Undelivered Mail Returned to Sender','',NULL,'[]',0,X'52657475726E2D506174683A203C3E0D0A44656C6976657265642D546F3A20776F726B73686F70407072696D617269612E6578616D706C650D0A446174653A204D6F6E2C203330204E6F7620323032362031313A31353A3136202B303030300D0A46726F6D3A204D41494C45522D4441454D4F4E406D782E666573746976616C2D617263686976652E6578616D706C6520284D61696C2044656C69766572792053797374656D290D0A5375626A6563743A20556E64656C697665726564204D61696C205265747572');
CREATE TABLE note (
    key   TEXT PRIMARY KEY,                -- 'relay', 'mailbox': what the daemon wants known
    value TEXT NOT NULL
) STRICT;
CREATE TABLE sample (
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    edition  INTEGER NOT NULL,
    kind     TEXT NOT NULL,
    lang     TEXT NOT NULL,
    letter   INTEGER NOT NULL REFERENCES letter (id),
    PRIMARY KEY (campaign, edition, kind, lang)
) STRICT, WITHOUT ROWID;
INSERT INTO "sample" VALUES(1,0,'invitation','en',16);
INSERT INTO "sample" VALUES(1,0,'invitation','nl',5);
INSERT INTO "sample" VALUES(1,0,'invitation','ro',1);
CREATE TABLE subject (
    campaign INTEGER NOT NULL REFERENCES campaign (id),
    subject  TEXT NOT NULL,
    PRIMARY KEY (campaign, subject)
) STRICT, WITHOUT ROWID;
INSERT INTO "subject" VALUES(1,'Invitation: ECoC-SME online workshop');
INSERT INTO "subject" VALUES(1,'Invitație: Workshop online ECoC-SME');
INSERT INTO "subject" VALUES(1,'Uitnodiging: Online workshop ECoC-SME');
CREATE TABLE tally (
    campaign INTEGER NOT NULL,             -- 0: mails of no campaign
    what     TEXT NOT NULL,                -- 'standing', 'people', 'delivery', 'mail'
    word     TEXT NOT NULL,
    count    INTEGER NOT NULL,
    PRIMARY KEY (campaign, what, word)
) STRICT, WITHOUT ROWID;
INSERT INTO "tally" VALUES(0,'mail','not_ours',1);
INSERT INTO "tally" VALUES(1,'delivery','bounced',1);
INSERT INTO "tally" VALUES(1,'delivery','sent',3);
INSERT INTO "tally" VALUES(1,'mail','bounces',1);
INSERT INTO "tally" VALUES(1,'mail','needs_look',1);
INSERT INTO "tally" VALUES(1,'mail','recorded',3);
INSERT INTO "tally" VALUES(1,'people','',2);
INSERT INTO "tally" VALUES(1,'standing','accept',2);
INSERT INTO "tally" VALUES(1,'standing','needs_look',1);
INSERT INTO "tally" VALUES(1,'standing','unreachable',1);
CREATE INDEX invitation_email ON invitation (email);
CREATE INDEX invitation_standing ON invitation (campaign, standing);
CREATE INDEX mail_bucket ON mail (bucket, campaign);
CREATE INDEX mail_invitation ON mail (invitation);
CREATE INDEX fact_invitation ON fact (invitation, id);
CREATE TRIGGER fact_stays BEFORE UPDATE ON fact BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE TRIGGER fact_remains BEFORE DELETE ON fact BEGIN SELECT RAISE(ABORT, 'the journal only grows'); END;
CREATE INDEX letter_queue ON letter (campaign, due, id) WHERE state = 'queued';
CREATE INDEX letter_apart ON letter (state, due, id)
    WHERE state = 'sending' OR state = 'uncertain' OR state = 'failed' OR state = 'bounced';
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
CREATE INDEX invitation_unwilling ON invitation (campaign) WHERE unwilling IS NOT NULL;
CREATE INDEX invitation_question ON invitation (campaign) WHERE question;
CREATE INDEX invitation_unsubscribe ON invitation (campaign) WHERE unsubscribe;
CREATE INDEX letter_withdrawn ON letter (campaign, why) WHERE state = 'cancelled';
CREATE INDEX invitation_mailbox ON invitation (mailbox);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('fact',50);
PRAGMA user_version = 7;
COMMIT;
