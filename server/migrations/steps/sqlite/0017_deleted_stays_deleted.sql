-- What retention deleted before it left a note: what is too old, and not there.
UPDATE calls SET transcript_deleted_at = unixepoch() * 1000
WHERE live = 0 AND NOT EXISTS (SELECT 1 FROM transcripts t WHERE t.call_id = calls.id)
    AND created_at < (SELECT unixepoch() * 1000 - r.transcripts_days * 86400000
                      FROM retention r WHERE r.tenant_id = calls.tenant_id)
    AND {rows};
UPDATE calls SET recording_deleted_at = unixepoch() * 1000
WHERE live = 0 AND has_recording = 0
    AND created_at < (SELECT unixepoch() * 1000 - r.recordings_days * 86400000
                      FROM retention r WHERE r.tenant_id = calls.tenant_id)
    AND {rows};
