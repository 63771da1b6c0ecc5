-- Who sees to a call, and to what comes of it: one of the business's people.
ALTER TABLE calls ADD COLUMN claimed_by TEXT;
ALTER TABLE calls ADD COLUMN claimed_at BIGINT;
-- That a supervisor should look at it: 1 or nothing, so that the index holds only those.
ALTER TABLE calls ADD COLUMN flagged BIGINT;
ALTER TABLE calls ADD COLUMN flagged_at BIGINT;
-- Who says so; nothing where a program does.
ALTER TABLE calls ADD COLUMN flagged_by TEXT;
ALTER TABLE calls ADD COLUMN flag_reason TEXT;

CREATE INDEX calls_by_claim ON calls (tenant_id, claimed_by, created_at DESC, id DESC)
    WHERE live = 0 AND claimed_by IS NOT NULL;
CREATE INDEX calls_by_flag ON calls (tenant_id, flagged, created_at DESC, id DESC)
    WHERE live = 0 AND flagged IS NOT NULL;
