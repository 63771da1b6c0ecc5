-- That a call was given to whoever sees to it, and they have not seen that yet: 1 or nothing.
ALTER TABLE calls ADD COLUMN claim_unseen BIGINT;

CREATE INDEX calls_given ON calls (tenant_id, claimed_by, created_at DESC, id DESC) WHERE claim_unseen IS NOT NULL;
