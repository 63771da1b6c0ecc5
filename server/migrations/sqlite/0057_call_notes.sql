-- What people write down of calls, each with who and when.
CREATE TABLE call_notes (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    call_id    TEXT   NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    -- The person's id; nothing where a program wrote it.
    user_id    TEXT,
    -- As it was typed.
    text       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    -- When the text was last changed.
    edited_at  BIGINT
);
CREATE INDEX call_notes_by_call ON call_notes (call_id, created_at, id);

-- The one note of a call was written by whoever last said how it came out, as the trail has it.
INSERT INTO call_notes (id, tenant_id, call_id, user_id, text, created_at)
SELECT 'note_' || w.call_id, w.tenant_id, w.call_id, e.actor_id, w.note, w.updated_at
FROM wrap_ups w
LEFT JOIN (
    SELECT subject_id, MAX(id) AS id FROM audit_events
    WHERE action = 'call.wrapped_up' AND subject_kind = 'call' GROUP BY subject_id
) latest ON latest.subject_id = w.call_id
LEFT JOIN audit_events e
    ON e.id = latest.id AND e.tenant_id = w.tenant_id AND e.actor_kind = 'user'
WHERE w.note <> '';
ALTER TABLE wrap_ups DROP COLUMN note;
