-- Texts may hold escapes that jsonb has no character for, of NUL above all: those are left
-- out to read it.
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
UPDATE outgoing_events SET call_id = switchboard_call_of(payload) WHERE {rows};
DROP FUNCTION switchboard_call_of(TEXT);
