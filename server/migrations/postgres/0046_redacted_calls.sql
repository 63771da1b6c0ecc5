-- When what was said in it was deleted, and what was made of that, for good: its figures are kept.
ALTER TABLE calls ADD COLUMN redacted_at BIGINT;
