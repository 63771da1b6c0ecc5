-- What people are to be warned of while a call goes on, as a business wrote it.
CREATE TABLE warning_rules (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: its name, when it warns, in whose calls, how much that matters.
    rule        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX warning_rules_by_tenant ON warning_rules (tenant_id, id);

-- What they warned of: each rule once in a call, however many servers watch it.
CREATE TABLE call_warnings (
    call_id     TEXT   NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    rule_id     TEXT   NOT NULL,
    -- As the rule was then.
    name        TEXT   NOT NULL,
    -- `low` or `high`.
    severity    TEXT   NOT NULL,
    -- The moment of the call it is about.
    time_ms     BIGINT NOT NULL,
    -- When it was told.
    at          BIGINT NOT NULL,
    PRIMARY KEY (call_id, rule_id)
);

-- The name of what was last warned of, for the list.
ALTER TABLE calls ADD COLUMN warning TEXT;

ALTER TABLE warning_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE warning_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON warning_rules USING (switchboard_sees(tenant_id));
ALTER TABLE call_warnings ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_warnings FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON call_warnings USING (switchboard_sees(tenant_id));
