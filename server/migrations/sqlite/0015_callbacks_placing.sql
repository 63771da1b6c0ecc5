-- When somebody wants the call: the slot, the moment of asking or of "call now".
-- `due_at` moves on when lines are busy.
ALTER TABLE callbacks ADD COLUMN wanted_at BIGINT NOT NULL DEFAULT 0;
UPDATE callbacks SET wanted_at = due_at;
-- Since when Retell may have been asked to place the call, and under the key of
-- which round: until its answer is known, it is asked under no other.
ALTER TABLE callbacks ADD COLUMN asked_at BIGINT;
ALTER TABLE callbacks ADD COLUMN asked_round BIGINT;
-- 1 where a program may have filled the form in: a person looks at it first.
ALTER TABLE callbacks ADD COLUMN doubtful BIGINT NOT NULL DEFAULT 0;
DROP INDEX callbacks_by_key;
CREATE INDEX callbacks_by_key ON callbacks (tenant_id, public_key_id, doubtful, created_at);
