-- Letters that were withdrawn, those by the program itself (they have a reason) apart: `status` and each `send` ask for them.
CREATE INDEX letter_withdrawn ON letter (campaign, why) WHERE state = 'cancelled';

-- The mailbox that the address in use reaches, as model::Address::mailbox has it: a guest may write from another spelling.
ALTER TABLE invitation ADD COLUMN mailbox TEXT GENERATED ALWAYS AS (
    CASE WHEN substr(email, instr(email, '@')) IN ('@gmail.com', '@googlemail.com')
        THEN replace(substr(email, 1, iif(instr(email, '+') > 1, instr(email, '+'), instr(email, '@')) - 1), '.', '') || '@gmail.com'
        ELSE substr(email, 1, iif(instr(email, '+') > 1, instr(email, '+'), instr(email, '@')) - 1) || substr(email, instr(email, '@'))
    END) VIRTUAL;
CREATE INDEX invitation_mailbox ON invitation (mailbox);
