-- What a visitor agreed to before the microphone was asked for.
CREATE TABLE consents (
    call_id    TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- As it was shown.
    words      TEXT   NOT NULL,
    language   TEXT,
    given_at   BIGINT NOT NULL
);
CREATE INDEX consents_by_tenant ON consents (tenant_id, given_at);

-- What a visitor thought of a call, one to five stars.
CREATE TABLE ratings (
    call_id    TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    stars      BIGINT NOT NULL,
    comment    TEXT,
    rated_at   BIGINT NOT NULL
);
CREATE INDEX ratings_by_tenant ON ratings (tenant_id, rated_at);
