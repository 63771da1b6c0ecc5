-- Functions that an agent may not ask for.
CREATE TABLE function_switches (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Retell's id.
    agent_id  TEXT   NOT NULL,
    -- The function's first name.
    name      TEXT   NOT NULL,
    off_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, agent_id, name)
);
-- What a function was asked last.
CREATE INDEX function_calls_by_name ON function_calls (tenant_id, name, id);
