-- What is kept of a call goes with the call, wherever it is.

-- The call an event tells of; null where it tells of none. Texts may hold escapes
-- that jsonb has no character for, of NUL above all: those are left out to read it.
ALTER TABLE outgoing_events ADD COLUMN call_id TEXT;
CREATE FUNCTION switchboard_call_of(payload TEXT) RETURNS TEXT LANGUAGE plpgsql AS $$
BEGIN
    RETURN payload::jsonb ->> 'call_id';
EXCEPTION WHEN others THEN
    BEGIN
        RETURN regexp_replace(payload, '(\\\\)|\\u[0-9a-fA-F]{4}', '\1', 'g')::jsonb ->> 'call_id';
    EXCEPTION WHEN others THEN
        RETURN NULL;
    END;
END $$;
UPDATE outgoing_events SET call_id = switchboard_call_of(payload);
DROP FUNCTION switchboard_call_of(TEXT);
CREATE INDEX outgoing_events_by_call ON outgoing_events (tenant_id, call_id)
    WHERE call_id IS NOT NULL;
CREATE INDEX outgoing_events_by_tenant_age ON outgoing_events (tenant_id, created_at);

-- Deliveries nobody could assign are deleted by their age alone.
CREATE INDEX webhook_deliveries_unassigned ON webhook_deliveries (received_at)
    WHERE tenant_id IS NULL;
