-- What was deleted of a call that is kept, and when (Unix ms): no import, replay or
-- late webhook brings it back. Of a call that is not kept the id in `erased_calls`
-- says so, whether a person was erased or the call was older than it is kept.
ALTER TABLE calls ADD COLUMN transcript_deleted_at BIGINT;
ALTER TABLE calls ADD COLUMN recording_deleted_at BIGINT;

-- What retention deleted before it left a note: what is too old, and not there.
UPDATE calls SET transcript_deleted_at = unixepoch() * 1000
WHERE live = 0 AND NOT EXISTS (SELECT 1 FROM transcripts t WHERE t.call_id = calls.id)
    AND created_at < (SELECT unixepoch() * 1000 - r.transcripts_days * 86400000
                      FROM retention r WHERE r.tenant_id = calls.tenant_id);
UPDATE calls SET recording_deleted_at = unixepoch() * 1000
WHERE live = 0 AND has_recording = 0
    AND created_at < (SELECT unixepoch() * 1000 - r.recordings_days * 86400000
                      FROM retention r WHERE r.tenant_id = calls.tenant_id);
