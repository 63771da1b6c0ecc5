-- How much matters what a call was last warned of, `low` or `high`, and when that was told: who is told of it again
-- knows that it is no news.
ALTER TABLE calls ADD COLUMN warning_severity TEXT;
ALTER TABLE calls ADD COLUMN warned_at BIGINT;
