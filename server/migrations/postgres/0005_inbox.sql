-- The inbox people look into, what Retell asks before it answers, and what it
-- is asked for afterwards.

-- JSON: whose key signed the delivery (`webhooks::Signers`). Null for one kept
-- before there were several, which the server's key signed, and for one that
-- no key signed.
ALTER TABLE webhook_deliveries ADD COLUMN signers TEXT;
-- What became of it, in a word or as the JSON that was answered.
ALTER TABLE webhook_deliveries ADD COLUMN outcome TEXT;
-- The attempts before the last replay, which do not count for parking.
ALTER TABLE webhook_deliveries ADD COLUMN attempts_before BIGINT NOT NULL DEFAULT 0;
-- JSON: who replayed it, until that attempt is made.
ALTER TABLE webhook_deliveries ADD COLUMN replayed_by TEXT;
CREATE INDEX webhook_deliveries_by_tenant ON webhook_deliveries (tenant_id, id)
    WHERE tenant_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_tenant_state ON webhook_deliveries (tenant_id, state, id)
    WHERE tenant_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_tenant_event ON webhook_deliveries (tenant_id, event, id)
    WHERE tenant_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_tenant_call ON webhook_deliveries (tenant_id, call_id, id)
    WHERE tenant_id IS NOT NULL AND call_id IS NOT NULL;
CREATE INDEX webhook_deliveries_by_tenant_verdict ON webhook_deliveries (tenant_id, verdict, id)
    WHERE tenant_id IS NOT NULL AND verdict <> 'accepted';

-- Each time a delivery was worked on.
CREATE TABLE webhook_attempts (
    delivery_id TEXT   NOT NULL REFERENCES webhook_deliveries (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    tenant_id   TEXT   REFERENCES tenants (id),
    at          BIGINT NOT NULL,
    duration_us BIGINT NOT NULL,
    -- `done`, `ignored`, `failed` or `parked`.
    outcome     TEXT   NOT NULL,
    error       TEXT,
    -- `worker`, or who replayed it: `user`, `api_key`, `operator`.
    by_kind     TEXT   NOT NULL,
    by_name     TEXT,
    PRIMARY KEY (delivery_id, number)
);

-- What Retell's alert rules said.
CREATE TABLE alerts (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id),
    -- Retell's `alert_incident_id`.
    id           TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    metric       TEXT   NOT NULL,
    -- Retell's alert object as it was told last.
    retell       TEXT   NOT NULL,
    triggered_at BIGINT NOT NULL,
    resolved_at  BIGINT,
    dismissed_at BIGINT,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX alerts_open ON alerts (tenant_id, triggered_at) WHERE dismissed_at IS NULL;

-- The numbers of a tenant at Retell, E.164.
CREATE TABLE numbers (
    tenant_id           TEXT   NOT NULL REFERENCES tenants (id),
    number              TEXT   NOT NULL,
    nickname            TEXT,
    -- Who answers when no rule says.
    agent_id            TEXT,
    -- Where Retell asks before it answers, as set there.
    inbound_webhook_url TEXT,
    imported_at         BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
CREATE INDEX numbers_by_number ON numbers (number);

-- Who answers an inbound call: the first rule that fits.
CREATE TABLE routing_rules (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id),
    position   BIGINT NOT NULL,
    -- JSON: see `api::routing::RuleBody`.
    rule       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX routing_rules_by_tenant ON routing_rules (tenant_id, position, id);

-- Asking Retell for the calls of a time.
CREATE TABLE call_imports (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id),
    -- `start` of the server, `desk`, or `operator`.
    origin      TEXT   NOT NULL,
    by_name     TEXT,
    from_at     BIGINT NOT NULL,
    to_at       BIGINT NOT NULL,
    -- `running`, `done` or `failed`.
    state       TEXT   NOT NULL,
    -- Retell's key of the next page, and when the last call on the page before
    -- it began, from where to go on should Retell not take the key any more.
    cursor      TEXT,
    reached_at  BIGINT,
    total       BIGINT,
    seen        BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    foreign_calls BIGINT NOT NULL,
    error       TEXT,
    -- Whoever works on it has it until then.
    leased_until BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX call_imports_by_tenant ON call_imports (tenant_id, id);
CREATE INDEX call_imports_running ON call_imports (leased_until) WHERE state = 'running';

ALTER TABLE webhook_attempts ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_attempts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON webhook_attempts USING (switchboard_sees(COALESCE(tenant_id, '*')));

ALTER TABLE alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON alerts USING (switchboard_sees(tenant_id));

ALTER TABLE numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON numbers USING (switchboard_sees(tenant_id));

ALTER TABLE routing_rules ENABLE ROW LEVEL SECURITY;
ALTER TABLE routing_rules FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON routing_rules USING (switchboard_sees(tenant_id));

ALTER TABLE call_imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE call_imports FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON call_imports USING (switchboard_sees(tenant_id));
