-- Whether one of the staff takes calls, as they last said; who never said has no row.
CREATE TABLE availability (
    user_id    TEXT   NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- ready, busy or away.
    said       TEXT   NOT NULL,
    said_at    BIGINT NOT NULL,
    -- When a desk of theirs was last heard of.
    seen_at    BIGINT NOT NULL,
    -- 1 while one is open, as far as colleagues were told.
    here       BIGINT NOT NULL
);
CREATE INDEX availability_by_tenant ON availability (tenant_id);
CREATE INDEX availability_by_age ON availability (seen_at) WHERE here = 1;
