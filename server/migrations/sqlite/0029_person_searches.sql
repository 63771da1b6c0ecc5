-- What there is about somebody: looked for by a job, whose copy is kept for a day.
CREATE TABLE person_searches (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- As JSON.
    person       TEXT   NOT NULL,
    -- What was found, as JSON; null as long as it is looked for.
    found        TEXT,
    created_at   BIGINT NOT NULL
);
CREATE INDEX person_searches_by_age ON person_searches (created_at);

-- The copy in parts, which together are one JSON document.
CREATE TABLE person_copies (
    search_id    TEXT   NOT NULL REFERENCES person_searches (id) ON DELETE CASCADE,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    number       BIGINT NOT NULL,
    text         TEXT   NOT NULL,
    PRIMARY KEY (search_id, number)
);

-- Whose call is erased forgets it.
CREATE INDEX callbacks_by_call ON callbacks (tenant_id, call_id) WHERE call_id IS NOT NULL;
