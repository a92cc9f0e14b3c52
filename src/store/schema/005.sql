-- When the guest's last sure wish for no more letters was read (Standing::unwilling). None: there is no such wish, or it is overtaken.
ALTER TABLE invitation ADD COLUMN unwilling INTEGER;
UPDATE invitation SET unwilling = (SELECT max(f.at) FROM fact f WHERE f.invitation = invitation.id
    AND (f.body ->> 'fact' = 'complained' OR f.body ->> 'fact' = 'answered' AND f.body ->> 'unsubscribe')
    AND NOT EXISTS (SELECT 1 FROM fact n WHERE n.invitation = f.invitation AND n.id > f.id
        AND n.body ->> 'fact' IN ('answered', 'ruled') AND n.body ->> 'answer' IN ('accept', 'tentative'))) WHERE unsubscribe;
-- They are few, and `status` counts their letters.
CREATE INDEX invitation_unwilling ON invitation (campaign) WHERE unwilling IS NOT NULL;
-- A campaign is told that its event is over once for each end; before, it was once for all.
UPDATE note SET value = (SELECT c.definition ->> '$.event.end' FROM campaign c WHERE note.key = 'over ' || c.id)
    WHERE key IN (SELECT 'over ' || id FROM campaign WHERE definition ->> '$.event.end' IS NOT NULL);
