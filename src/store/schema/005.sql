-- When the guest's last sure wish for no more letters was read (Standing::unwilling). None: there is no such wish, or it is overtaken.
ALTER TABLE invitation ADD COLUMN unwilling INTEGER;
UPDATE invitation SET unwilling = (SELECT max(f.at) FROM fact f WHERE f.invitation = invitation.id
    AND (f.body ->> 'fact' = 'complained' OR f.body ->> 'fact' = 'answered' AND f.body ->> 'unsubscribe')) WHERE unsubscribe;
-- They are few, and `status` counts their letters.
CREATE INDEX invitation_unwilling ON invitation (campaign) WHERE unwilling IS NOT NULL;
