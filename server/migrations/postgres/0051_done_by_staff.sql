-- Who of the staff took a call over, and who ended it; nobody where a program did. When: Unix ms.
ALTER TABLE calls ADD COLUMN taken_over_at BIGINT;
ALTER TABLE calls ADD COLUMN taken_over_by TEXT;
ALTER TABLE calls ADD COLUMN stopped_at BIGINT;
ALTER TABLE calls ADD COLUMN stopped_by TEXT;

UPDATE calls SET taken_over_at = t.done_at, taken_over_by = t.user_id
FROM call_take_overs t WHERE t.call_id = calls.id AND t.done_at IS NOT NULL;
