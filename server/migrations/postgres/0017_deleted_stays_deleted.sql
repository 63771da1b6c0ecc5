-- What was deleted of a call that is kept, and when (Unix ms): no import, replay or
-- late webhook brings it back. Of a call that is not kept the id in `erased_calls`
-- says so, whether a person was erased or the call was older than it is kept.
ALTER TABLE calls ADD COLUMN transcript_deleted_at BIGINT;
ALTER TABLE calls ADD COLUMN recording_deleted_at BIGINT;
