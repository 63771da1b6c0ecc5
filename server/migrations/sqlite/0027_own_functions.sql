-- Functions businesses define themselves.
CREATE TABLE own_functions (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    -- JSON: description, schema, how its target is asked and what of its answer is told.
    function   TEXT   NOT NULL,
    -- Sealed JSON: what requests are signed with, and headers.
    secrets    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant_id, name)
);
