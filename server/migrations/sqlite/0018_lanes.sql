-- Jobs wait in lanes, so that nobody's wait for somebody else's.

-- `kind/group/business`: see `work::Lane`.
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
UPDATE jobs SET lane = kind || '/' || COALESCE(
        (SELECT d.endpoint_id FROM endpoint_deliveries d
         WHERE jobs.kind = 'hook.deliver' AND d.id = SUBSTR(jobs.dedupe_key, 1, 36)),
        tenant_id) || '/' || tenant_id
    WHERE finished_at IS NULL;
DROP INDEX jobs_due;
CREATE INDEX jobs_by_lane ON jobs (lane, due_at) WHERE due_at IS NOT NULL;
