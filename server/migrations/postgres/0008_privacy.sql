-- How long a business keeps what, and what must not come back.

-- In days; null keeps for ever.
CREATE TABLE retention (
    tenant_id        TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    transcripts_days BIGINT,
    recordings_days  BIGINT,
    calls_days       BIGINT,
    webhooks_days    BIGINT,
    audit_days       BIGINT,
    updated_at       BIGINT NOT NULL
);

-- Calls that were erased: a late webhook, healing or an import must not bring
-- them back. Nothing in it is about a person.
CREATE TABLE erased_calls (
    call_id   TEXT   NOT NULL PRIMARY KEY,
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    erased_at BIGINT NOT NULL
);

-- What retention and the search for a person go by.
CREATE INDEX transcripts_by_age ON transcripts (tenant_id, updated_at);
CREATE INDEX calls_recorded_by_age ON calls (tenant_id, created_at) WHERE has_recording = 1;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (tenant_id, received_at);
CREATE INDEX audit_events_by_age ON audit_events (tenant_id, at);

-- What is measured for Prometheus, over all tenants.
CREATE INDEX calls_live ON calls (live) WHERE live = 1;

ALTER TABLE retention ENABLE ROW LEVEL SECURITY;
ALTER TABLE retention FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON retention USING (switchboard_sees(tenant_id));

ALTER TABLE erased_calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE erased_calls FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON erased_calls USING (switchboard_sees(tenant_id));
