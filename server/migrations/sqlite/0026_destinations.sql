-- Where a call can be transferred to: people and departments with a telephone.
CREATE TABLE transfer_destinations (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: name, number or SIP address, hours, place in the order.
    destination TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX transfer_destinations_by_tenant ON transfer_destinations (tenant_id, id);
