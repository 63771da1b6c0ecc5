-- What a business's staff often tell agents during calls.
CREATE TABLE whispers (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: the sentences, in the order they are offered.
    said       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

ALTER TABLE whispers ENABLE ROW LEVEL SECURITY;
ALTER TABLE whispers FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON whispers USING (switchboard_sees(tenant_id));
