-- A visitor who waits until one of the calls a key allows has ended. Whoever has the id
-- holds the place, as long as their panel asks after it.
CREATE TABLE places_in_line (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    family        TEXT   NOT NULL,
    since         BIGINT NOT NULL,
    seen_at       BIGINT NOT NULL
);
CREATE INDEX places_in_line_by_family ON places_in_line (tenant_id, family, since, id);

ALTER TABLE places_in_line ENABLE ROW LEVEL SECURITY;
ALTER TABLE places_in_line FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON places_in_line USING (switchboard_sees(tenant_id));
