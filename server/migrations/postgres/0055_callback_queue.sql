-- What came of a call-back as far as it was tried, and how often nobody was reached.
ALTER TABLE callbacks ADD COLUMN outcome TEXT;
ALTER TABLE callbacks ADD COLUMN tries BIGINT NOT NULL DEFAULT 0;
-- What the staff should know.
ALTER TABLE callbacks ADD COLUMN note TEXT NOT NULL DEFAULT '';
-- Who of the staff sees to it: nobody is called by itself then.
ALTER TABLE callbacks ADD COLUMN claimed_by TEXT;
