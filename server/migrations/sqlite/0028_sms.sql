-- Text messages: how a business sends them, what was sent and came, and who wants none.
CREATE TABLE sms_settings (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: the provider, quiet hours, how many a day.
    settings   TEXT   NOT NULL,
    -- Sealed JSON: the provider's secrets, and the one in its address.
    secrets    TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE sms_templates (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: name, and a text for each language.
    template   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX sms_templates_by_tenant ON sms_templates (tenant_id, id);

CREATE TABLE sms_messages (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- The other side's (E.164).
    number      TEXT   NOT NULL,
    body        TEXT   NOT NULL,
    -- `queued`, `sent`, `delivered`, `failed` or `received`.
    state       TEXT   NOT NULL,
    segments    BIGINT NOT NULL,
    error       TEXT,
    call_id     TEXT,
    -- Not before then; of one that came, when it did.
    at          BIGINT NOT NULL,
    -- What the provider calls it.
    provider_id TEXT,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);
CREATE INDEX sms_messages_by_tenant ON sms_messages (tenant_id, id);
CREATE INDEX sms_messages_by_number ON sms_messages (tenant_id, number, id);
CREATE INDEX sms_messages_by_call ON sms_messages (tenant_id, call_id) WHERE call_id IS NOT NULL;
CREATE INDEX sms_messages_by_age ON sms_messages (tenant_id, at);
CREATE INDEX sms_messages_by_day ON sms_messages (tenant_id, created_at);
CREATE INDEX sms_messages_by_provider ON sms_messages (tenant_id, provider_id)
    WHERE provider_id IS NOT NULL;
-- What came is kept once.
CREATE UNIQUE INDEX sms_messages_came ON sms_messages (tenant_id, provider_id)
    WHERE state = 'received';

CREATE TABLE sms_opt_outs (
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    number    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, number)
);
