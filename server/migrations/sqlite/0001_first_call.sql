-- Times are Unix milliseconds (UTC), ids are text, lists and open objects are
-- JSON as text, yes and no are 1 and 0. Every row carries its tenant.

CREATE TABLE tenants (
    id         TEXT   NOT NULL PRIMARY KEY,
    name       TEXT   NOT NULL,
    timezone   TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE public_keys (
    id              TEXT   NOT NULL PRIMARY KEY,
    tenant_id       TEXT   NOT NULL REFERENCES tenants (id),
    title           TEXT   NOT NULL,
    agents          TEXT   NOT NULL,
    origins         TEXT   NOT NULL,
    variables       TEXT   NOT NULL,
    calls_per_minute        BIGINT NOT NULL,
    calls_per_ip_per_minute BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    disabled_at     BIGINT
);
CREATE INDEX public_keys_by_tenant ON public_keys (tenant_id, created_at);

-- What a tenant's agents are called: Retell does not tell it with every call.
CREATE TABLE agents (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id),
    id         TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    language   TEXT,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX agents_by_id ON agents (id);

-- `retell` is Retell's call object as merged from everything it told us,
-- without transcripts and tokens; `stamps` says for each of its fields how
-- late in the call's life it was told. The other columns are read from it.
CREATE TABLE calls (
    id                   TEXT   NOT NULL PRIMARY KEY,
    tenant_id            TEXT   NOT NULL REFERENCES tenants (id),
    public_key_id        TEXT,
    live                 BIGINT NOT NULL,
    status               TEXT   NOT NULL,
    stage                TEXT   NOT NULL,
    call_type            TEXT   NOT NULL,
    direction            TEXT,
    from_number          TEXT,
    to_number            TEXT,
    agent_id             TEXT   NOT NULL,
    agent_name           TEXT,
    created_at           BIGINT NOT NULL,
    started_at           BIGINT,
    ended_at             BIGINT,
    duration_ms          BIGINT,
    disconnection_reason TEXT,
    user_sentiment       TEXT,
    successful           BIGINT,
    has_recording        BIGINT NOT NULL,
    cost_cents           DOUBLE PRECISION,
    latency_p50_ms       DOUBLE PRECISION,
    retell               TEXT   NOT NULL,
    stamps               TEXT   NOT NULL,
    updated_at           BIGINT NOT NULL,
    -- When Retell is to be asked what became of the call; null once settled.
    check_at             BIGINT,
    -- Questions Retell answered since the call last moved on.
    checks               BIGINT NOT NULL,
    -- Answers in a row by which Retell does not know the call.
    denials              BIGINT NOT NULL,
    -- Questions in a row that Retell did not answer.
    failures             BIGINT NOT NULL
);
CREATE INDEX calls_list ON calls (tenant_id, live DESC, created_at DESC, id DESC);
CREATE INDEX calls_to_check ON calls (check_at) WHERE check_at IS NOT NULL;

CREATE TABLE transcripts (
    call_id    TEXT   NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id),
    -- As our event streams carry it.
    items      TEXT   NOT NULL,
    -- Retell's own transcript fields, with the times of the words.
    retell     TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

-- Every delivery of a webhook. The tenant is known once its call is.
CREATE TABLE webhook_deliveries (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   REFERENCES tenants (id),
    received_at   BIGINT NOT NULL,
    -- As received, but for a call's access token, which is blotted out.
    body          BLOB   NOT NULL,
    body_sha256   TEXT   NOT NULL,
    signature     TEXT,
    content_type  TEXT,
    user_agent    TEXT,
    remote_ip     TEXT,
    verdict       TEXT   NOT NULL,
    -- The same for two deliveries of the same event; null where nothing is done.
    dedupe_key    TEXT   UNIQUE,
    duplicates    BIGINT NOT NULL,
    duplicate_at  BIGINT,
    signed_at     BIGINT,
    event         TEXT,
    call_id       TEXT,
    state         TEXT   NOT NULL,
    attempts      BIGINT NOT NULL,
    due_at        BIGINT,
    processed_at  BIGINT,
    error         TEXT
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, id);

CREATE TABLE users (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id),
    email         TEXT   NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL,
    password_hash TEXT,
    created_at    BIGINT NOT NULL,
    disabled_at   BIGINT
);

CREATE TABLE sessions (
    id_hash      TEXT   NOT NULL PRIMARY KEY,
    user_id      TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE sign_in_links (
    token_hash TEXT   NOT NULL PRIMARY KEY,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at    BIGINT
);
CREATE INDEX sign_in_links_by_expiry ON sign_in_links (expires_at);
