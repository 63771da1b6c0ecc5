-- Many companies on one server: what each has of its own.

-- IETF language tags as a JSON list, the first is the default.
ALTER TABLE tenants ADD COLUMN languages TEXT NOT NULL DEFAULT '["en"]';
-- The agent a call goes to when nothing else says.
ALTER TABLE tenants ADD COLUMN default_agent_id TEXT;
-- JSON: see `tenants::BusinessHours`.
ALTER TABLE tenants ADD COLUMN business_hours TEXT NOT NULL DEFAULT '{}';
-- The tenant's own Retell account, sealed with the server's encryption key;
-- null for the server's account.
ALTER TABLE tenants ADD COLUMN retell_key TEXT;
-- The key that signs its webhooks, sealed, where it is not `retell_key`.
ALTER TABLE tenants ADD COLUMN webhook_key TEXT;
-- Counts the changes of the two keys, so that servers notice them.
ALTER TABLE tenants ADD COLUMN account_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE tenants ADD COLUMN disabled_at BIGINT;

-- Who did what. Rows are only ever added, and taken away by retention.
CREATE TABLE audit_events (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    at           BIGINT NOT NULL,
    -- `user`, `api_key`, `operator` (the command line) or `system`.
    actor_kind   TEXT   NOT NULL,
    actor_id     TEXT,
    -- As it was then: people are renamed and removed.
    actor_name   TEXT,
    -- Such as `user.invited`.
    action       TEXT   NOT NULL,
    subject_kind TEXT,
    subject_id   TEXT,
    -- JSON: what changed. Never a secret.
    details      TEXT   NOT NULL,
    request_id   TEXT,
    remote_ip    TEXT
);
CREATE INDEX audit_events_by_tenant ON audit_events (tenant_id, id);

-- A link has a tenant too, so that it is behind the same locks.
ALTER TABLE sign_in_links ADD COLUMN tenant_id TEXT REFERENCES tenants (id);
UPDATE sign_in_links SET tenant_id =
    (SELECT u.tenant_id FROM users u WHERE u.id = sign_in_links.user_id);

-- The second lock: a connection sees the rows of the tenant it was told, all of
-- them when it was told '*', and none when it was told nothing. FORCE, because
-- the tables belong to the role that connects.
CREATE FUNCTION switchboard_sees(row_tenant TEXT) RETURNS BOOLEAN
    LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT current_setting('switchboard.tenant', true) IN (row_tenant, '*') $$;

ALTER TABLE tenants ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenants FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON tenants USING (switchboard_sees(id));

ALTER TABLE public_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE public_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON public_keys USING (switchboard_sees(tenant_id));

ALTER TABLE agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE agents FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON agents USING (switchboard_sees(tenant_id));

ALTER TABLE calls ENABLE ROW LEVEL SECURITY;
ALTER TABLE calls FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON calls USING (switchboard_sees(tenant_id));

ALTER TABLE transcripts ENABLE ROW LEVEL SECURITY;
ALTER TABLE transcripts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON transcripts USING (switchboard_sees(tenant_id));

ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON users USING (switchboard_sees(tenant_id));

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE sessions FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON sessions USING (switchboard_sees(tenant_id));

ALTER TABLE sign_in_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE sign_in_links FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON sign_in_links USING (switchboard_sees(tenant_id));

ALTER TABLE audit_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_events FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON audit_events USING (switchboard_sees(tenant_id));

-- A delivery without a tenant belongs to none yet.
ALTER TABLE webhook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE webhook_deliveries FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON webhook_deliveries USING (switchboard_sees(COALESCE(tenant_id, '*')));
