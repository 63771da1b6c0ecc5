-- What was said in calls that are over, to be looked for.

-- The words of it that stand in `said_words`, without case and accents.
ALTER TABLE transcripts ADD COLUMN words TEXT NOT NULL DEFAULT '';
-- Whether those are all of them; what an older server has written is entered by and by.
ALTER TABLE transcripts ADD COLUMN entered BIGINT NOT NULL DEFAULT 0;
CREATE INDEX transcripts_to_enter ON transcripts (call_id) WHERE entered = 0;

-- In which calls a word was said, in the order of the call list.
CREATE TABLE said_words (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    word       TEXT   NOT NULL,
    -- The call's.
    created_at BIGINT NOT NULL,
    -- Deleted with the transcript, by its words: an index by calls would be as large as all of this.
    call_id    TEXT   NOT NULL,
    PRIMARY KEY (tenant_id, word, created_at, call_id)
);
