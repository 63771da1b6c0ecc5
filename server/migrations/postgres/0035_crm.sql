-- The business's CRM: how it is reached, whose record is which, and what is written into it.
CREATE TABLE crm_connections (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON.
    provider   TEXT   NOT NULL,
    -- Sealed JSON: the provider's secrets.
    secrets    TEXT   NOT NULL,
    -- JSON: what the CRM said of the account when it was asked last.
    account    TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Searching is what CRMs allow least of.
CREATE TABLE crm_records (
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- A number (E.164) or an e-mail address.
    who           TEXT   NOT NULL,
    -- The record's id there; not known while it is looked for.
    record_id     TEXT,
    -- Until when a server looks for it, or makes it: nobody else does.
    claimed_until BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, who)
);
CREATE INDEX crm_records_by_age ON crm_records (updated_at);

CREATE TABLE crm_writes (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- One of the two.
    call_id     TEXT,
    contact_id  TEXT,
    -- By which number the contact is known there (E.164), and what changed: JSON.
    number      TEXT,
    fields      TEXT,
    -- `waiting`, `written`, `skipped` or `parked`.
    state       TEXT   NOT NULL,
    reason      TEXT,
    attempts    BIGINT NOT NULL,
    -- When something was sent that may have arrived without an answer.
    begun_at    BIGINT,
    record_id   TEXT,
    activity_id TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX crm_writes_by_tenant ON crm_writes (tenant_id, id);
CREATE INDEX crm_writes_by_age ON crm_writes (tenant_id, created_at);
CREATE INDEX crm_writes_by_number ON crm_writes (tenant_id, number) WHERE number IS NOT NULL;
-- A call is written once.
CREATE UNIQUE INDEX crm_writes_by_call ON crm_writes (tenant_id, call_id);

ALTER TABLE crm_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm_connections FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON crm_connections USING (switchboard_sees(tenant_id));
ALTER TABLE crm_records ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm_records FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON crm_records USING (switchboard_sees(tenant_id));
ALTER TABLE crm_writes ENABLE ROW LEVEL SECURITY;
ALTER TABLE crm_writes FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON crm_writes USING (switchboard_sees(tenant_id));
