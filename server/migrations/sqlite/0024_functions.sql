-- What agents asked our server to do during calls.
CREATE TABLE function_calls (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Retell's id; empty where nothing told it.
    call_id    TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    -- Tells it from the others of the call: asked again, it is not done again.
    key        TEXT   NOT NULL,
    -- JSON objects.
    arguments  TEXT   NOT NULL,
    answer     TEXT,
    -- `running`, `done`, `refused`, `failed` or `late`.
    outcome    TEXT   NOT NULL,
    latency_ms BIGINT,
    at         BIGINT NOT NULL,
    UNIQUE (tenant_id, call_id, key)
);
CREATE INDEX function_calls_by_call ON function_calls (tenant_id, call_id, id);
CREATE INDEX function_calls_by_age ON function_calls (tenant_id, at);
