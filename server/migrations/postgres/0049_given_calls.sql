-- Who gave a call to whoever sees to it; nothing where they claimed it themselves, or a program did.
ALTER TABLE calls ADD COLUMN claim_given_by TEXT;
