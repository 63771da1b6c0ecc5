-- How often each thing of a business was said anew. What was never changed has no row.
CREATE TABLE revisions (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- What kind of thing, as in the trail.
    kind      TEXT   NOT NULL,
    -- Which one; empty where a business has one.
    id        TEXT   NOT NULL,
    revision  BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, kind, id)
);

ALTER TABLE revisions ENABLE ROW LEVEL SECURITY;
ALTER TABLE revisions FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON revisions USING (switchboard_sees(tenant_id));
