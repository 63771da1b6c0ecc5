-- Work that outlives a request. A job is added in the transaction of what
-- caused it, so that neither is there without the other.
CREATE TABLE jobs (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind         TEXT   NOT NULL,
    -- Two jobs of a kind with the same key are one; null where each counts.
    dedupe_key   TEXT,
    payload      TEXT   NOT NULL,
    -- `waiting`, `running`, `done` or `parked`.
    state        TEXT   NOT NULL,
    -- When a server may take it: its time, or the end of the lease of the
    -- server that runs it. Null once done or parked.
    due_at       BIGINT,
    -- The claim that holds the lease: whoever lost it cannot finish the job.
    leased_by    TEXT,
    attempts     BIGINT NOT NULL,
    max_attempts BIGINT NOT NULL,
    last_error   TEXT,
    created_at   BIGINT NOT NULL,
    finished_at  BIGINT,
    UNIQUE (tenant_id, kind, dedupe_key)
);
CREATE INDEX jobs_due ON jobs (kind, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_open ON jobs (tenant_id, state, id) WHERE finished_at IS NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

-- Where a business wants its events sent.
CREATE TABLE webhook_endpoints (
    id              TEXT   NOT NULL PRIMARY KEY,
    tenant_id       TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    url             TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    -- JSON: the names of the event types.
    events          TEXT   NOT NULL,
    -- Signs the deliveries; sealed. The previous one signs too until its time.
    secret          TEXT   NOT NULL,
    previous_secret TEXT,
    previous_until  BIGINT,
    -- Sent with every delivery: a JSON object, sealed; the names alone in clear.
    headers         TEXT,
    header_names    TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    disabled_at     BIGINT,
    -- `person`, `gone` or `failing`.
    disabled_reason TEXT,
    -- Since when no delivery arrived; null after one that did.
    failing_since   BIGINT,
    -- Nothing is sent before: the receiver asked for less.
    paused_until    BIGINT
);
CREATE INDEX webhook_endpoints_by_tenant ON webhook_endpoints (tenant_id, id);

-- What happened, as it is told to the endpoints that asked for it.
CREATE TABLE outgoing_events (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    type        TEXT   NOT NULL,
    happened_at BIGINT NOT NULL,
    -- JSON: the body, but for our own address in its links.
    payload     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX outgoing_events_by_age ON outgoing_events (created_at);

-- An event on its way to an endpoint.
CREATE TABLE endpoint_deliveries (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    endpoint_id TEXT   NOT NULL REFERENCES webhook_endpoints (id) ON DELETE CASCADE,
    event_id    TEXT   NOT NULL REFERENCES outgoing_events (id) ON DELETE CASCADE,
    event_type  TEXT   NOT NULL,
    -- `pending`, `delivered` or `failed`.
    state       TEXT   NOT NULL,
    -- Attempts since it was last begun; a replay begins anew.
    tries       BIGINT NOT NULL,
    -- Attempts in all, and how often it was begun.
    attempts    BIGINT NOT NULL,
    rounds      BIGINT NOT NULL,
    next_at     BIGINT,
    last_status BIGINT,
    last_error  TEXT,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX endpoint_deliveries_log ON endpoint_deliveries (endpoint_id, id);
CREATE INDEX endpoint_deliveries_failed ON endpoint_deliveries (endpoint_id, created_at)
    WHERE state = 'failed';
CREATE INDEX endpoint_deliveries_by_event ON endpoint_deliveries (event_id);

CREATE TABLE delivery_attempts (
    delivery_id TEXT   NOT NULL REFERENCES endpoint_deliveries (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    at          BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status      BIGINT,
    error       TEXT,
    -- The beginning of what the receiver answered.
    response    TEXT,
    PRIMARY KEY (delivery_id, number)
);
