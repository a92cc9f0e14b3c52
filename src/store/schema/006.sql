-- Guests who ask something, or want no more letters: few, and `status` counts them.
CREATE INDEX invitation_question ON invitation (campaign) WHERE question;
CREATE INDEX invitation_unsubscribe ON invitation (campaign) WHERE unsubscribe;
