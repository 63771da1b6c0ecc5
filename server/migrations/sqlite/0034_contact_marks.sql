-- Whether their calls are declined.
ALTER TABLE contacts ADD COLUMN blocked BIGINT NOT NULL DEFAULT 0;
-- JSON: words of the business's own.
ALTER TABLE contacts ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
